// The map of a large project: what is seen first, and that finding, hiding and grouping lead to what they say. Settings come as JSON in the first argument.
import { expect, Stand, wide } from "./browser.mjs";

const settings = JSON.parse(process.argv[2]);
const stand = await Stand.start(settings);
const nodes = (page) => page.locator("svg.map > a").count();

await stand.run("owners stand for what is theirs, and the picture fits", async (page) => {
  await page.setViewportSize(wide);
  await page.goto("/");
  const [count, size, region] = [await nodes(page), await page.locator("svg.map").boundingBox(), await page.locator("#map .scroll").evaluate((one) => [one.scrollWidth, one.clientWidth])];
  expect(count === settings.owners, `every owner is one node: ${count}`);
  expect(size.width <= wide.width && region[0] <= region[1], `it fits: ${size.width} px, ${region}`);
  const letters = await page.locator("svg.map .name").first().boundingBox();
  expect(letters.height >= 8, `names can be read: ${letters.height} px high`);
  await stand.shoot("map-of-200-flows");
});

await stand.run("an owner leads to all of it", async (page) => {
  await page.goto("/");
  await page.locator("svg.map").getByRole("link", { name: /^owner team-7 / }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/map?*owner=team-7*");
  expect(await page.locator("svg.map .stop-flow").count() >= 6, "its flows are drawn");
});

await stand.run("finding and hiding", async (page) => {
  await page.goto("/");
  await page.getByText("Another time, find, hide, group").click();
  await page.getByLabel("Find", { exact: true }).fill("f3-17");
  await page.getByRole("button", { name: "Show" }).click();
  expect(await nodes(page) === 3, "what is found comes with its two topics");
  await page.getByLabel("Find", { exact: true }).fill("");
  await page.getByLabel("Only trouble").check();
  await page.getByRole("button", { name: "Show" }).click();
  expect((await page.locator("#map").innerText()).includes("Nothing on this map fits"), "that nothing is in trouble is said");
});

await stand.run("everything, in its own size", async (page) => {
  await page.goto("/map?group=none");
  expect(await nodes(page) === settings.nodes, `every node is drawn: ${await nodes(page)}`);
  const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
  expect(width <= wide.width, `the page itself does not scroll sideways: ${width} px`);
});

await stand.browser.close();
