/** The page's own style. Colours meet WCAG AA on their grounds; good and bad differ in more than green and red. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --text: #1b2430; --quiet: #566273; --line: #dde2e9;
  --good: #116b3a; --bad: #b3261e; --doubtful: #8a5300; --link: #1d5bbf;
  --good-ground: #e7f5ec; --bad-ground: #fdecea; --doubtful-ground: #fdf3e0;
  --series-1: #1d5bbf; --series-2: #c2410c; --series-3: #0f766e; --series-4: #7c3aed;
  --series-5: #be185d; --series-6: #4d7c0f; --series-7: #0e7490; --series-8: #854d0e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10151c; --card: #19212b; --text: #e6ebf2; --quiet: #9fadbf; --line: #2f3a48;
    --good: #6fd39a; --bad: #ff8a80; --doubtful: #f3b95f; --link: #8ab8ff;
    --good-ground: #14301f; --bad-ground: #3a1a18; --doubtful-ground: #33260d;
    --series-1: #7db0ff; --series-2: #ff9d66; --series-3: #4fd1c0; --series-4: #b79bff;
    --series-5: #ff86b7; --series-6: #a9d65c; --series-7: #5cc8e8; --series-8: #e0b062;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: anywhere;
}
header, main, footer { max-width: 96rem; margin: 0 auto; padding: 0 clamp(0.75rem, 3vw, 2rem); }
header { padding-top: 1.25rem; }
main { display: grid; grid-template-columns: 1fr; gap: 1rem; padding-top: 1rem; padding-bottom: 1rem; }
@media (min-width: 75rem) { main { grid-template-columns: 1fr 1fr; } .whole { grid-column: 1 / -1; } }
section, .verdict {
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; min-width: 0;
  padding: 1rem clamp(0.75rem, 2vw, 1.5rem); scroll-margin-top: 1rem;
}
h1 { font-size: clamp(1.25rem, 3vw, 1.75rem); line-height: 1.25; margin: 0; }
h2 { font-size: 1.15rem; margin: 0; }
h3 { font-size: 1rem; margin: 1.25rem 0 0; }
p { margin: 0.25rem 0; }
.quiet, .gist, dt, caption, footer { color: var(--quiet); }
.gist { margin-bottom: 0.75rem; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
.doubtful { color: var(--doubtful); font-weight: 600; }
.verdict { border-left: 8px solid; color: var(--text); font-weight: 400; }
.verdict.good { border-left-color: var(--good); background: var(--good-ground); }
.verdict.bad { border-left-color: var(--bad); background: var(--bad-ground); }
.verdict.doubtful { border-left-color: var(--doubtful); background: var(--doubtful-ground); }
.verdict ul { margin: 0.5rem 0 0; padding-left: 1.25rem; }
.note::marker { content: "! "; font-weight: 700; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; list-style: none; margin: 0.75rem 0 0; padding: 0; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.75rem 1.25rem; margin: 0.75rem 0 0; }
dt { font-size: 0.85rem; }
dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; margin-top: 0.5rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.92rem; }
caption { text-align: left; font-size: 0.85rem; padding-bottom: 0.25rem; }
th, td { padding: 0.3rem 0.75rem 0.3rem 0; text-align: right; vertical-align: top; border-top: 1px solid var(--line); white-space: nowrap; }
thead th { border-top: 0; color: var(--quiet); font-weight: 500; }
th:first-child { text-align: left; font-weight: 500; }
.words td { text-align: left; white-space: normal; overflow-wrap: break-word; }
.words thead th { text-align: left; }
.words th[scope="row"] { white-space: normal; min-width: 8rem; overflow-wrap: break-word; }
.words td:last-child { min-width: 14rem; } .words td:nth-child(2) { white-space: nowrap; }
td:has(> .bar) { text-align: left; width: 30%; }
.bars td:last-child { width: 60%; padding-left: 0.75rem; } .bars .bar { display: block; width: 100%; margin-top: 0.35rem; }
td ul { margin: 0.25rem 0 0; padding-left: 1.1rem; }
.bar { width: clamp(5rem, 14vw, 16rem); height: 0.75rem; vertical-align: middle; fill: var(--series-1); }
.bar.bad { fill: var(--bad); } .bar.doubtful { fill: var(--doubtful); }
.bar .far { opacity: 0.35; } .bar .dot { fill: var(--text); }
td:has(> .interval) { width: 38%; min-width: 7rem; padding-right: 1rem; }
.interval { display: block; width: 100%; height: 1rem; margin-top: 0.25rem; }
.interval .range { fill: var(--key); opacity: 0.45; } .interval .mean { fill: var(--key); } .interval .axis { fill: var(--line); }
.swatch { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 3px; margin-right: 0.45em; background: var(--key); }
.wrapped th[scope="row"] { white-space: normal; min-width: 7rem; overflow-wrap: break-word; }
figure { margin: 0.5rem 0 0; }
.plot { min-height: 260px; border-radius: 6px; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 0.5rem; align-items: center; min-height: 2.25rem; font-size: 0.88rem; }
button {
  font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 6px;
  padding: 0.2rem 0.6rem; min-height: 2rem; cursor: pointer; font-variant-numeric: tabular-nums;
}
.key::before { content: ""; display: inline-block; width: 0.8em; height: 0.8em; border-radius: 3px; margin-right: 0.45em; background: var(--key); }
.key[aria-pressed="false"] { color: var(--quiet); text-decoration: line-through; }
.key[aria-pressed="false"]::before { background: transparent; box-shadow: inset 0 0 0 2px var(--key); }
.key span { font-weight: 600; }
${Array.from({ length: 8 }, (_, index) => `.key-${index + 1} { --key: var(--series-${index + 1}); }`).join('\n')}
.u-select { background: color-mix(in srgb, var(--link) 18%, transparent); }
details { margin-top: 0.5rem; }
summary { cursor: pointer; color: var(--link); padding: 0.25rem 0; }
details .scroll { max-height: 24rem; overflow: auto; }
pre { margin: 0.5rem 0; padding: 0.75rem; border-radius: 6px; background: var(--ground); border: 1px solid var(--line); overflow: auto; font: 0.85rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
pre.command { white-space: pre-wrap; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
footer { padding-bottom: 2rem; font-size: 0.85rem; }
@media (max-width: 40rem) {
  .bar { width: 4.5rem; } th, td { padding-right: 0.5rem; }
  .words table { font-size: 0.85rem; } .words th[scope="row"] { min-width: 5rem; } .words td:last-child { min-width: 9.5rem; }
}
@media print { .plot, section { break-inside: avoid; } nav, button { display: none; } }
`;
