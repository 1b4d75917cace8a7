// Page style: the style sheet of cybertip::page(), for the screen and for A4. It names no font, no
// picture and no address of anybody.
#pragma once

#include <string_view>

namespace tutela::cybertip {

inline constexpr std::string_view kPageStyle = R"css(
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { font-size: 15px; }
body { margin: 2.5rem auto; padding: 0 1.5rem; max-width: 52rem; background: #fff; color: #16191d;
  font: 1rem/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
header { border-bottom: 2px solid #16191d; padding-bottom: .9rem; margin-bottom: 1.4rem; }
.kind { margin: 0; font-size: .8rem; letter-spacing: .06em; text-transform: uppercase;
  color: #4a5360; }
h1 { margin: .15rem 0 .5rem; font-size: 1.65rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2rem 0 .4rem; font-size: 1.15rem; }
h3 { margin: 1.4rem 0 .3rem; font-size: 1rem; }
.note { margin: .2rem 0; color: #4a5360; font-size: .87rem; }
.urgent, .problems { margin: 1rem 0; padding: .8rem 1rem; border: 1px solid #9b1c1c;
  border-left-width: 5px; border-radius: 3px; background: #fdf4f3; }
.problems h2 { margin: 0 0 .4rem; color: #8a1717; }
.problems ol { margin: 0; padding-left: 1.3rem; }
.problems li { margin: .3rem 0; }
.urgent strong { color: #8a1717; }
.good { margin: 1rem 0; padding: .5rem 1rem; border-left: 5px solid #2f6b3c; background: #f2f8f3; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
col:first-child { width: 30%; }
col:last-child { width: 26%; }
thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: .34rem .9rem .34rem 0; vertical-align: baseline; text-align: left;
  border-bottom: 1px solid #dfe3e8; overflow-wrap: anywhere; }
td:last-child { padding-right: 0; }
th { font-weight: 500; color: #343c46; }
th[colspan] { padding-top: .8rem; font-weight: 650; color: #16191d; }
.d1 > th { padding-left: 1.1rem; }
.d2 > th { padding-left: 2.2rem; }
.d3 > th { padding-left: 3.3rem; }
.d4 > th { padding-left: 4.4rem; }
.value { white-space: pre-wrap; }
.part { display: block; font-size: .87rem; color: #343c46; }
.from { font-size: .8rem; color: #5a6470; }
.absent { color: #5a6470; font-style: italic; }
.wrong { display: block; margin-top: .15rem; font-size: .87rem; color: #8a1717; }
.wrong::before { content: "To do: "; font-weight: 650; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #dfe3e8; padding: .8rem; }
footer { margin-top: 2.2rem; padding-top: .6rem; border-top: 1px solid #b6bec8; font-size: .8rem;
  color: #4a5360; }
@page { size: A4; margin: 17mm 16mm 18mm;
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font-size: 8pt; } }
@media print {
  html { font-size: 9.5pt; }
  body { margin: 0; padding: 0; max-width: none; line-height: 1.4; }
  h1 { font-size: 16pt; } h2 { font-size: 12pt; margin-top: 12pt; } h3 { font-size: 10.5pt; }
  h2, h3, th[colspan] { break-after: avoid; }
  tr, li, .urgent, .problems p { break-inside: avoid; }
  .urgent, .problems, .good { background: none; }
}
)css";

}  // namespace tutela::cybertip
