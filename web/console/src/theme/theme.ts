// After the brief: one accent, neutrals, the system's fonts, 14 px, a grid of 4 px. Colours are
// variables of app.css, the same names in light and dark.
import { createTheme, type CSSVariablesResolver } from "@mantine/core";

const system =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", Arial, sans-serif';
const mono = 'ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace';

export const theme = createTheme({
  fontFamily: system,
  fontFamilyMonospace: mono,
  headings: {
    fontFamily: system,
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "20px", lineHeight: "28px" },
      h2: { fontSize: "16px", lineHeight: "24px" },
      h3: { fontSize: "14px", lineHeight: "20px" },
    },
  },
  fontSizes: { xs: "12px", sm: "14px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "1.5", sm: "1.5", md: "1.5", lg: "1.5", xl: "1.4" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "2px", sm: "4px", md: "4px", lg: "6px", xl: "8px" },
  defaultRadius: "sm",
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 6 },
  colors: {
    accent: [
      "#eef4fa",
      "#d9e6f2",
      "#b3cde5",
      "#7fb2e5",
      "#5c97cf",
      "#3f7db8",
      "#2f6aa3",
      "#245a8d",
      "#1c4a75",
      "#143a5d",
    ],
    // The neutrals of app.css, for what Mantine colours by itself.
    dark: [
      "#e3e6e9",
      "#c3c9cf",
      "#a4adb6",
      "#767f89",
      "#4a525a",
      "#343a41",
      "#252a2f",
      "#1b1f23",
      "#14171a",
      "#0e1012",
    ],
    gray: [
      "#f4f5f7",
      "#eef0f3",
      "#e3e6ea",
      "#dcdfe4",
      "#c3c8cf",
      "#9aa2ab",
      "#7f8893",
      "#555f6a",
      "#343c45",
      "#1b2026",
    ],
    danger: [
      "#fdf0ef",
      "#f9d9d7",
      "#f0b1ad",
      "#ff8f85",
      "#dc5c52",
      "#c8463c",
      "#b8352b",
      "#a82a21",
      "#86211a",
      "#651913",
    ],
  },
  focusRing: "auto",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs", fz: "sm", fw: 500 } },
    Modal: { defaultProps: { transitionProps: { duration: 0 }, centered: true } },
    Checkbox: { defaultProps: { size: "xs" }, styles: { label: { fontSize: "14px" }, description: { fontSize: "12px" } } },
    Radio: { defaultProps: { size: "xs" }, styles: { label: { fontSize: "14px" }, description: { fontSize: "12px" } } },
    TextInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", allowDeselect: false } },
  },
});

// In both schemes: Mantine sets most of these for each scheme, which outdoes what stands for both.
const colours = {
  "--mantine-color-body": "var(--surface)",
  "--mantine-color-text": "var(--text)",
  "--mantine-color-dimmed": "var(--dim)",
  "--mantine-color-placeholder": "var(--dim)",
  "--mantine-color-anchor": "var(--accent)",
  "--mantine-color-error": "var(--bad)",
  "--mantine-color-default-border": "var(--edge)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-hover": "var(--hover)",
  "--input-asterisk-color": "var(--bad)",
};

export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: colours, dark: colours });
