// Signing in as a person does it, with the keyboard alone.
export const atHome = (page) => page.getByRole("navigation", { name: "Rooms" });

export async function givePassword(page, person, password = person.password) {
  const name = page.getByLabel("Name", { exact: true });
  await name.waitFor();
  await name.focus();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(person.name);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
}

export async function giveCode(page, code) {
  await page.getByRole("heading", { name: "Second factor" }).waitFor();
  await page.getByLabel("Code", { exact: true }).focus();
  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
}

export async function signIn(visitor, person, path = "/") {
  const { page } = visitor;
  await page.goto(path);
  await givePassword(page, person);
  await giveCode(page, await person.code());
  await atHome(page).waitFor();
}
