import "@mantine/core/styles.css";
import "./theme/app.css";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { nonce } from "./app/security";
import { startLanguages } from "./i18n";
import { handleKey } from "./shortcuts/registry";

const root = document.getElementById("root");
if (root) {
  await startLanguages();
  document.addEventListener("keydown", handleKey);
  createRoot(root).render(<App nonce={nonce} />);
}
