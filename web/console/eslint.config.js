import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "src/api/schema.d.ts", "eslint.config.js"] },
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [js.configs.recommended, ...tseslint.configs.strictTypeChecked, a11y.flatConfigs.strict],
    plugins: { "react-hooks": hooks },
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: new URL(".", import.meta.url).pathname } },
    rules: {
      ...hooks.configs.recommended.rules,
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // A moment shows its exact time on focus too, hence takes it.
      "jsx-a11y/no-noninteractive-tabindex": ["error", { tags: ["time"], roles: ["tabpanel", "region"] }],
      "jsx-a11y/no-noninteractive-element-to-interactive-role": ["error", { ul: ["listbox"], li: ["option"] }],
      // Signing in is typing: the field takes the focus. Everywhere else a page's heading does.
      "jsx-a11y/no-autofocus": "off",
      "no-restricted-globals": ["error", { name: "fetch", message: "Use api and ask of @/api." }],
    },
  },
  { files: ["src/api/**"], rules: { "no-restricted-globals": "off" } },
);
