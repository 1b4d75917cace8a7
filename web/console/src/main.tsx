import "@mantine/core/styles.css";
import "./theme/app.css";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { nonce } from "./app/security";
import { startLanguages } from "./i18n";

const root = document.getElementById("root");
if (root) {
  await startLanguages();
  createRoot(root).render(<App nonce={nonce} />);
}
