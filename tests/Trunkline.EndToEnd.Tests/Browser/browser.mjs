// One browser for all journeys, and what each of them needs. Says what became of a journey as one line of JSON.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const patienceMs = 10000;

export const wide = { width: 1280, height: 900 };
export const narrow = { width: 390, height: 844 };

export class Stand {
  constructor(browser, settings) {
    this.browser = browser;
    this.settings = settings;
    this.troubles = [];
    mkdirSync(settings.screenshots, { recursive: true });
  }

  static async start(settings) {
    const browser = await chromium.launch({ executablePath: settings.chromium, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
    const stand = new Stand(browser, settings);
    const context = await browser.newContext({ baseURL: settings.url, viewport: wide, reducedMotion: "reduce" });
    context.setDefaultTimeout(patienceMs);
    stand.page = await context.newPage();
    // What a page must never do: run text of a message, ask somebody else, break its own rules on content, or fail in its script.
    stand.page.on("dialog", (dialog) => { stand.troubles.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
    stand.page.on("pageerror", (error) => stand.troubles.push(`a failure in a script: ${error.message}`));
    stand.page.on("console", (message) => { if (message.type() === "error" && !stand.isExpected(message)) { stand.troubles.push(`the console: ${message.text()}`); } });
    stand.page.on("request", (request) => { if (!request.url().startsWith(settings.url)) { stand.troubles.push(`a request to ${request.url()}`); } });
    return stand;
  }

  // A page that says 422 because a form was refused, or 404 because there is no such thing, is what a journey asks for.
  isExpected(message) {
    return /status of 4(01|04|22)/.test(message.text());
  }

  async run(name, journey) {
    const began = performance.now();
    let why = null;
    this.troubles = [];
    try {
      await journey(this.page, this);
      expect(this.troubles.length === 0, this.troubles.join("; "));
    } catch (failure) {
      why = `${failure.message} (at ${this.page.url()})`;
      await this.shoot(`failed-${name}`).catch(() => {});
    }
    console.log(JSON.stringify({ name, why, ms: Math.round(performance.now() - began) }));
  }

  async shoot(name) {
    await this.page.screenshot({ path: join(this.settings.screenshots, `${name}.png`), fullPage: true });
  }

  // Faults of WCAG 2.2, levels A and AA, on the page as it stands.
  async faults() {
    await this.page.evaluate(axeSource);
    const found = await this.page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
    return found.violations.map((fault) => `${fault.id}: ${fault.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")}`);
  }
}

export function expect(holds, what) {
  if (!holds) {
    throw new Error(`not so: ${what}`);
  }
}
