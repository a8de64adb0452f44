// Runs once in every new engine, before any expression. It replaces the built-ins whose cost the engine's own limits do not
// hold, takes away what expressions do not need, and freezes the rest, so that no message can leave a trace for the next.
// Built-ins written here in JavaScript are held by the statement limit, because each turn of a loop counts.
(function (host) {
  'use strict';
  const global = globalThis, charsMax = host.charsMax, exceed = host.exceed;
  const { ownKeys, getOwnPropertyDescriptor, apply } = Reflect;
  const { getPrototypeOf, freeze, defineProperty } = Object;
  const isArray = Array.isArray, toPrimitive = Symbol.toPrimitive;
  const StringProto = String.prototype, ArrayProto = Array.prototype, RegExpProto = RegExp.prototype;

  const replace = (target, name, value) =>
    defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
  const within = (chars) => { if (!(chars <= charsMax)) exceed('a text of more than ' + charsMax + ' characters'); };

  // Text that grows by a factor in one call.
  const { repeat, padStart, padEnd, concat, replace: replaceFirst, replaceAll } = StringProto;
  replace(StringProto, 'repeat', function (count) {
    const text = String(this), times = Math.trunc(Number(count)) || 0;
    within(text.length * times);
    return apply(repeat, text, [times]);
  });
  for (const [name, pad] of [['padStart', padStart], ['padEnd', padEnd]]) {
    replace(StringProto, name, function (length, fill) {
      const wanted = Math.trunc(Number(length)) || 0;
      within(wanted);
      return apply(pad, String(this), [wanted, fill === undefined ? ' ' : String(fill)]);
    });
  }
  replace(StringProto, 'concat', function (...parts) {
    let text = String(this);
    for (const part of parts) { const next = String(part); within(text.length + next.length); text += next; }
    return text;
  });

  // What a replacement can grow to: "$`" and "$'" insert the rest of the text at every match, and so can a group in a lookaround.
  const boundReplacement = (text, pattern, by) => {
    const dollars = by.split('$').length - 1;
    const rest = by.includes('$`') || by.includes("$'") || (dollars > 0 && pattern instanceof RegExp && pattern.source.includes('(?'));
    within(rest ? (text.length + 1) * (by.length + dollars * text.length) : (text.length + 1) * by.length + dollars * text.length);
  };
  for (const [name, native] of [['replace', replaceFirst], ['replaceAll', replaceAll]]) {
    replace(StringProto, name, function (pattern, by) {
      const text = String(this);
      if (typeof by !== 'function') { by = String(by); boundReplacement(text, pattern, by); return apply(native, text, [pattern, by]); }
      let total = text.length;
      return apply(native, text, [pattern, (...found) => {
        const part = String(by(...found));
        total += part.length;
        within(total);
        return part;
      }]);
    });
  }

  // One match is held by the regex timeout; this makes many matches in one call countable.
  const exec = RegExpProto.exec;
  replace(RegExpProto, 'exec', function (text) { host.tick(); return apply(exec, this, [text]); });

  const join = ArrayProto.join;
  replace(ArrayProto, 'join', function (separator) {
    const between = separator === undefined ? ',' : String(separator), parts = [];
    const length = Math.min(Number(this.length) || 0, 4294967295);
    let total = 0;
    for (let i = 0; i < length; i++) {
      const item = this[i], part = item === null || item === undefined ? '' : String(item);
      total += part.length + between.length;
      within(total);
      parts.push(part);
    }
    return apply(join, parts, [between]);
  });
  const flatten = (source, depth, into) => {
    for (const item of source) { if (depth > 0 && isArray(item)) flatten(item, depth - 1, into); else into.push(item); }
    return into;
  };
  replace(ArrayProto, 'flat', function (depth) { return flatten(this, depth === undefined ? 1 : Number(depth) || 0, []); });
  replace(ArrayProto, 'flatMap', function (map, self) {
    const mapped = [];
    let i = 0;
    for (const item of this) mapped.push(apply(map, self, [item, i++, this]));
    return flatten(mapped, 1, []);
  });

  // The copying methods allocate what an array-like claims to hold; slice is held by the array limit.
  const { slice, reverse, sort, splice } = ArrayProto;
  replace(ArrayProto, 'toReversed', function () { return apply(reverse, apply(slice, this, []), []); });
  replace(ArrayProto, 'toSorted', function (compare) { return apply(sort, apply(slice, this, []), [compare]); });
  replace(ArrayProto, 'toSpliced', function (...change) { const copy = apply(slice, this, []); apply(splice, copy, change); return copy; });
  replace(ArrayProto, 'with', function (index, value) {
    const copy = apply(slice, this, []), whole = Math.trunc(Number(index)) || 0, at = whole < 0 ? copy.length + whole : whole;
    if (at < 0 || at >= copy.length) throw new RangeError('the index is outside of the array');
    copy[at] = value;
    return copy;
  });

  replace(Math, 'random', host.random);
  const json = { parse: host.parse, stringify: host.stringify };
  replace(global, 'JSON', json);

  const keep = (target, names) => {
    const kept = new Set(names);
    for (const name of ownKeys(target)) if (!kept.has(name)) delete target[name];
  };
  keep(StringProto, ['at', 'charAt', 'charCodeAt', 'codePointAt', 'concat', 'constructor', 'endsWith', 'includes', 'indexOf',
    'isWellFormed', 'lastIndexOf', 'length', 'localeCompare', 'match', 'matchAll', 'normalize', 'padEnd', 'padStart', 'repeat', 'replace',
    'replaceAll', 'search', 'slice', 'split', 'startsWith', 'substring', 'toLowerCase', 'toString', 'toUpperCase', 'toWellFormed',
    'trim', 'trimEnd', 'trimStart', 'valueOf', Symbol.iterator]);
  keep(ArrayProto, ['at', 'concat', 'constructor', 'entries', 'every', 'fill', 'filter', 'find', 'findIndex', 'findLast',
    'findLastIndex', 'flat', 'flatMap', 'forEach', 'includes', 'indexOf', 'join', 'keys', 'lastIndexOf', 'length', 'map', 'pop', 'push',
    'reduce', 'reduceRight', 'reverse', 'shift', 'slice', 'some', 'sort', 'splice', 'toReversed', 'toSorted', 'toSpliced', 'toString',
    'unshift', 'values', 'with', Symbol.iterator]);
  keep(Array, ['from', 'isArray', 'length', 'name', 'of', 'prototype', Symbol.species]);
  keep(Object, ['assign', 'create', 'entries', 'freeze', 'fromEntries', 'getOwnPropertyNames', 'getPrototypeOf', 'groupBy', 'hasOwn',
    'is', 'keys', 'length', 'name', 'prototype', 'values']);
  keep(String, ['fromCharCode', 'fromCodePoint', 'length', 'name', 'prototype']);
  keep(RegExp, ['length', 'name', 'prototype', Symbol.species]);
  delete RegExpProto.compile;
  delete Function.prototype.constructor;

  // Roots that are not reachable through a name.
  const hidden = [[].values(), ''[Symbol.iterator](), new Map().entries(), new Set().values(), 'a'.matchAll(/a/g),
    function* () { }, async function () { }, async function* () { }].map(getPrototypeOf);
  const globals = ['Array', 'Boolean', 'Date', 'Error', 'Infinity', 'JSON', 'Map', 'Math', 'NaN', 'Number', 'Object', 'RangeError',
    'RegExp', 'Set', 'String', 'TypeError', 'decodeURIComponent', 'encodeURIComponent', 'isFinite', 'isNaN', 'parseFloat', 'parseInt',
    'undefined'];
  keep(global, globals);

  const seen = new Set();
  const freezeAll = (value) => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) return;
    seen.add(value);
    for (const key of ownKeys(value)) {
      const property = getOwnPropertyDescriptor(value, key);
      freezeAll(property.value);
      freezeAll(property.get);
      freezeAll(property.set);
    }
    freezeAll(getPrototypeOf(value));
    freeze(value);
  };
  hidden.forEach(freezeAll);
  freezeAll(global);

  // The prototype of integers past 2^53: readable as text, never as a number.
  const exactInteger = {
    [toPrimitive](hint) {
      if (hint === 'string') return host.digits(this);
      throw new TypeError('an integer past 2^53 can be kept or read as text, not computed with');
    },
    toString() { return host.digits(this); },
  };
  freezeAll(exactInteger);
  return exactInteger;
})
