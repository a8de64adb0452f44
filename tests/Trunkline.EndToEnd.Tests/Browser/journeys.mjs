// What people do on the pages, done by a browser over a node with live data. Settings come as JSON in the first argument.
import { expect, narrow, Stand, wide } from "./browser.mjs";

const settings = JSON.parse(process.argv[2]);
const stand = await Stand.start(settings);
const text = (page) => page.locator("main").innerText();

await stand.run("sign in", async (page) => {
  await page.goto("/map");
  expect(new URL(page.url()).pathname === "/sign-in", "a page without a session leads to where to sign in");
  await stand.shoot("sign-in");
  await page.getByLabel("Token").fill("not-the-token");
  await page.getByRole("button", { name: "Sign in" }).click();
  expect((await page.getByRole("alert").innerText()).includes("does not know the token"), "a wrong token is refused in words");
  await page.getByLabel("Token").fill(settings.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/map");
  const [cookie] = await page.context().cookies();
  expect(cookie.httpOnly && cookie.sameSite === "Lax" && !cookie.value.includes(settings.token), "the browser holds a session no script can read, not the token");
  expect((await page.locator("footer").innerText()).includes("Signed in as operator"), "the page says who is signed in");
});

await stand.run("follow a message", async (page) => {
  await page.goto("/map");
  await page.locator("svg.map").getByRole("link", { name: /^flow answer/ }).focus();
  await page.keyboard.press("Enter");
  expect(new URL(page.url()).hash.startsWith("#row-flow"), "the keyboard leads from a node of the map to its part of the table");
  expect((await page.evaluate(() => document.activeElement.innerText)).includes("flow:answer"), "which takes the focus, so that a screen reader tells it");
  await page.getByRole("search").getByRole("searchbox").fill(settings.failed);
  await page.getByRole("button", { name: "Find" }).click();
  const way = page.locator(".journey").first();
  const shown = await way.innerText();
  expect(["sort", "answer", "dead-lettered", "step.expression-failed"].every((part) => shown.includes(part)), `the way has both flows and the cause: ${shown}`);
  await stand.shoot("journey-of-one");
  await way.getByRole("link", { name: "dead-lettered" }).click();
  await page.waitForURL("**/dead?flow=answer");
});

await stand.run("from an alert to its cause in two clicks", async (page) => {
  await page.goto("/alerts");
  await page.getByRole("link", { name: "the dead letters" }).first().click();
  await page.waitForURL("**/dead?flow=answer*");
  await page.locator("a[href^='/dead/answer/']").first().click();
  await page.waitForURL("**/dead/answer/**");
  expect((await text(page)).includes("amount"), "the dead letter names what the message lacks");
});

await stand.run("redrive a dead letter", async (page) => {
  await page.goto("/dead?flow=answer");
  await page.locator("a[href^='/dead/answer/']").first().click();
  await page.getByRole("textbox", { name: "Payload" }).fill('{"text":"mended","order":{"amount":5}}');
  await page.getByRole("button", { name: "Redrive edited" }).click();
  await page.waitForURL("**?did=redriven");
  expect((await text(page)).includes("went through the flow"), "the page says what came of it");
  await page.goto("/changes");
  expect((await text(page)).includes("redrive"), "what was done is a change");
});

await stand.run("watch the map live", async (page) => {
  await page.goto("/");
  const map = page.locator("trunkline-map");
  await page.waitForFunction(() => Number(document.querySelector("trunkline-map").dataset.number) >= 1);
  const before = await map.locator("[data-place='n-topic_3a_in'] .written").textContent();
  await page.request.post("/api/v1/topics/in/messages", { headers: { "Content-Type": "application/json", Authorization: `Bearer ${settings.token}` }, data: '{"text":"one more"}' });
  await page.waitForFunction((old) => document.querySelector("[data-place='n-topic_3a_in'] .written").textContent !== old, before, { timeout: 3000 });
});

await stand.run("the map on a phone", async (page) => {
  await page.setViewportSize(narrow);
  await page.goto("/");
  const picture = page.locator("svg.map");
  expect(!await picture.isVisible(), "the picture, wider than the screen, is not drawn unasked");
  expect((await page.locator("#in-trouble").innerText()).includes("answer"), "what is in trouble stands first");
  const [hop] = await page.locator("#hops tbody tr:not(.group)").evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
  expect(hop <= 110, `a hop takes a few lines: ${hop} px`);
  expect(await page.evaluate(() => document.querySelector("trunkline-map").dataset.number === undefined), "nothing is sent for what nobody sees");
  await page.getByLabel("Draw the map").check();
  expect(await picture.isVisible(), "it is drawn when it is asked for");
  await page.waitForFunction(() => Number(document.querySelector("trunkline-map").dataset.number) >= 1);
  const faults = await stand.faults();
  expect(faults.length === 0, `no faults: ${faults.join("; ")}`);
  await stand.shoot("map-drawn-390");
  await page.setViewportSize(wide);
});

await stand.run("travel in time on the map", async (page) => {
  await page.goto("/");
  await page.getByText("Another time, find, hide, group").click();
  await page.getByLabel("Time, UTC").fill(settings.before);
  await page.getByRole("button", { name: "Show" }).click();
  expect(new URL(page.url()).searchParams.get("at") === settings.before, "the address says the time");
  const then = await text(page);
  expect(then.includes("As it was at") && then.includes("revision 1"), "the page says which time and revision it shows");
  expect(!then.includes("model:late") && /source:api[^0-9]+topic:in\s+publish\s+[0-9.]*[1-9]/.test(then), "what was published then is on the map, what came later is not");
  await stand.shoot("map-then");
  await page.goto(`/map?against=${settings.before}`);
  const differences = await page.locator("#differences").innerText();
  expect(differences.includes("model:late") && differences.includes("1 to 2"), `what is new and what was changed are told: ${differences}`);
  expect(await page.locator(".map .stop-model.is-new").count() === 1, "it is marked in the picture");
  await stand.shoot("map-difference");
});

await stand.run("search from the head of any page", async (page) => {
  const leads = async (what, to) => {
    await page.goto("/changes");
    await page.getByRole("search").getByRole("searchbox").fill(what);
    await page.keyboard.press("Enter");
    await page.waitForURL(to);
  };
  await leads("order-12", "**/journey?by=id&value=order-12");
  await leads("customer-3", "**/journey?by=key&value=customer-3");
  await leads(settings.trace.toUpperCase(), `**/traces/${settings.trace}`);
  await leads("answer", "**/flows/answer");
  await leads("sorted", "**/topics/sorted");
  await leads(settings.hostile, "**/journey?by=id&value=*");
  await leads("nobody knows", "**/search?value=nobody*");
  expect((await text(page)).includes("Nothing is known here by the name nobody knows"), "that nothing was found is said");
});

await stand.run("from what became of messages to one of them", async (page) => {
  await page.goto("/outcomes");
  expect(/dead-lettered\s+step\.expression-failed/.test(await text(page)), "what failed stands with its cause");
  await page.locator("a[href*='flow=answer&state=dead-lettered']").first().click();
  await page.waitForURL("**/outcomes?flow=answer&state=dead-lettered*");
  await page.locator("#messages a[href^='/journey']").first().click();
  await page.waitForURL("**/journey**");
  expect((await text(page)).includes("dead-lettered"), "the message's way tells it");
});

await stand.run("names that would do harm are shown harmlessly", async (page) => {
  await page.goto(`/journey?by=id&value=${encodeURIComponent(settings.hostile)}`);
  expect((await text(page)).includes("<img src=x"), "the name is text");
  await page.goto(`/traces/${settings.trace}`);
  expect((await text(page)).includes("<img src=x"), "the name of a service is text");
});

// Every page in both themes: no fault, nothing wider than a small screen, every control reached by the keyboard.
for (const address of settings.pages) {
  await stand.run(`page ${address}`, async (page) => {
    const name = address.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") || "home";
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(wide);
      const answer = await page.goto(address);
      expect(answer.status() === (settings.missing.includes(address) ? 404 : 200), `the page answers with ${answer.status()}`);
      expect(!/[\u0000-\u0008\u202a-\u202e\u2066-\u2069]/.test(await page.evaluate(() => document.documentElement.innerText)), "no sign turns or hides other text");
      const faults = await stand.faults();
      expect(faults.length === 0, `no faults in ${colorScheme}: ${faults.join("; ")}`);
      await stand.shoot(`${name}-1280-${colorScheme}`);
      await page.setViewportSize(narrow);
      const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
      expect(width <= narrow.width, `the page is ${width} px wide on a screen of ${narrow.width}`);
      await stand.shoot(`${name}-390-${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(wide);
    await reachAll(page);
  });
}

await stand.run("sign out", async (page) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");
  await page.goto("/changes");
  expect(new URL(page.url()).pathname === "/sign-in", "what was open is closed");
});

await stand.browser.close();

// Walks the page with the tabulator: every control must come, and show that it has the focus.
async function reachAll(page) {
  const all = await page.evaluate(() => {
    const controls = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")];
    const shown = controls.filter((one) => one.checkVisibility() && !one.disabled);
    shown.forEach((one, place) => { one.dataset.stop = place; });
    document.body.focus();
    return shown.length;
  });
  const reached = new Set();
  // A field for a time has a stop for each of its parts.
  for (let step = 0; step <= all + 40 && reached.size < all; step++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      const style = getComputedStyle(one);
      const inner = one.querySelector("rect");
      return { place: one.dataset.stop ?? null, seen: style.outlineStyle !== "none" || style.boxShadow !== "none" || (inner !== null && getComputedStyle(inner).strokeWidth === "4px") };
    });
    if (at.place !== null) {
      expect(at.seen, `control ${at.place} shows that it has the focus`);
      reached.add(at.place);
    }
  }
  const missed = await page.evaluate((seen) => [...document.querySelectorAll("[data-stop]")].filter((one) => !seen.includes(one.dataset.stop)).map((one) => one.outerHTML.slice(0, 80)), [...reached]);
  expect(missed.length === 0, `the keyboard reaches every control, but not ${missed.slice(0, 3).join(" ")}`);
}
