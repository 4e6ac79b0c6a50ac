export const docsStyle = `
:root {
  color-scheme: light dark;
  --text: #1c2422;
  --soft: #53605c;
  --line: #dbe2df;
  --page: #ffffff;
  --pane: #f5f8f7;
  --accent: #0d6553;
  --accent-soft: #e1f1ed;
  --code: #eef2f1;
  --block: #14201d;
  --block-text: #e4ece9;
  --block-name: #8fd6c4;
  --block-string: #f2cf8d;
  --block-literal: #c2b4f5;
  --block-soft: #a9b8b3;
  --get: #0b529e; --get-soft: #e2eefb;
  --post: #17652c; --post-soft: #e0f3e5;
  --put: #7a4b00; --put-soft: #fbeed6;
  --delete: #a3212b; --delete-soft: #fce6e7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e3eae7;
    --soft: #a3b1ac;
    --line: #2c3835;
    --page: #111715;
    --pane: #171f1c;
    --accent: #6fd3bd;
    --accent-soft: #17352e;
    --code: #202b27;
    --block: #0a0f0d;
    --get: #8fc2fb; --get-soft: #12304f;
    --post: #86d89b; --post-soft: #143a20;
    --put: #f0c377; --put-soft: #42300d;
    --delete: #ff9fa5; --delete-soft: #4b191d;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  display: grid;
  grid-template-columns: minmax(0, 1fr);
}
a { color: var(--accent); text-underline-offset: .18em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
:target { background: var(--accent-soft); box-shadow: 0 0 0 .4rem var(--accent-soft); border-radius: 3px; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .875em; }
code { background: var(--code); border-radius: 4px; padding: .1em .3em; overflow-wrap: anywhere; }
p, ul { max-width: 46rem; }
li + li { margin-top: .25rem; }
.skip { position: absolute; left: -99rem; top: 0; z-index: 2; background: var(--page); padding: .6rem 1rem; }
.skip:focus { left: .5rem; top: .5rem; }

.top {
  display: flex; justify-content: space-between; align-items: center; gap: 1rem;
  padding: .8rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--pane);
}
.brand { font-weight: 700; font-size: 1.1rem; color: var(--text); text-decoration: none; }
.brand span { color: var(--accent); }

nav { background: var(--pane); border-bottom: 1px solid var(--line); font-size: .9rem; }
nav summary { padding: .7rem 1.25rem; font-weight: 600; cursor: pointer; }
nav p { margin: 1rem 1.25rem .2rem; font-weight: 700; }
nav p a { color: inherit; text-decoration: none; }
nav ul { list-style: none; margin: 0; padding: 0 .75rem; }
nav li + li { margin: 0; }
nav li a {
  display: flex; gap: .5rem; align-items: baseline;
  padding: .3rem .5rem; border-radius: 6px; color: var(--text); text-decoration: none;
}
nav a:hover { background: var(--accent-soft); }
nav .method { min-width: 3.4rem; text-align: center; font-size: .625rem; }
nav details > p:last-child { margin-bottom: 1.5rem; }

main { padding: 0 1.25rem 4rem; min-width: 0; max-width: 84rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 2rem 0 0; letter-spacing: -.015em; }
h2 { font-size: 1.45rem; line-height: 1.3; margin: 2.5rem 0 .5rem; letter-spacing: -.01em; }
h3 { font-size: 1.2rem; line-height: 1.35; margin: 0 0 .5rem; }
h4 { font-size: .95rem; margin: 1.75rem 0 .35rem; }
.chapter { max-width: 46rem; }
.chapter + .chapter h2 { margin-top: 2rem; font-size: 1.25rem; }
.chapter:nth-of-type(1) h2 { margin-top: 1.25rem; font-size: 1.25rem; }
.group { border-top: 1px solid var(--line); margin-top: 3.5rem; }
.operation { border-top: 1px solid var(--line); margin-top: 2.5rem; padding-top: 2rem; }

.method {
  display: inline-block; padding: .15em .55em; border-radius: 5px;
  font: 700 .75rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
.get { color: var(--get); background: var(--get-soft); }
.post { color: var(--post); background: var(--post-soft); }
.put { color: var(--put); background: var(--put-soft); }
.delete { color: var(--delete); background: var(--delete-soft); }
.endpoint { margin: 0 0 1rem; }
.endpoint code { background: none; padding: 0; font-size: .95rem; }
main .columns > div > p:first-child { margin-top: 0; }
.scope, .from, .codes { color: var(--soft); font-size: .9rem; }

.members, .catalogue { margin: 0; border-top: 1px solid var(--line); }
.members > div, .catalogue > div { padding: .55rem 0; border-bottom: 1px solid var(--line); }
dt code { font-weight: 600; background: none; padding: 0; }
dd { margin: .1rem 0 0; }
.codes { display: block; }
.rule { color: var(--soft); font-size: .85rem; margin-left: .35rem; }
.required { color: var(--delete); font-size: .8rem; font-weight: 600; margin-left: .35rem; }
details > summary { cursor: pointer; }
main summary { color: var(--accent); font-size: .9rem; padding: .2rem 0; width: fit-content; }
main details > .members { margin: .35rem 0 .35rem .2rem; padding-left: .9rem; border-left: 3px solid var(--line); }
main details > p { margin: .5rem 0 .2rem; font-size: .9rem; }

pre {
  margin: .75rem 0; padding: .9rem 1rem; border-radius: 8px; overflow-x: auto;
  background: var(--block); color: var(--block-text); border: 1px solid var(--line); line-height: 1.5;
}
pre code { background: none; padding: 0; overflow-wrap: normal; font-size: .8125rem; }
.name { color: var(--block-name); }
.string { color: var(--block-string); }
.literal { color: var(--block-literal); }
.status { color: var(--block-soft); }

table { border-collapse: collapse; width: 100%; max-width: 56rem; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
td { overflow-wrap: anywhere; }
thead th { color: var(--soft); font-weight: 600; }
th:first-child, td:nth-child(2) { width: 4.5rem; }
tbody th { font-weight: 400; }
.catalogue > div { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .75rem; }
.catalogue dd { margin: 0; }

@media (min-width: 62rem) {
  body { grid-template-columns: 18rem minmax(0, 1fr); grid-template-rows: auto 1fr; }
  .top { grid-column: 1; border-right: 1px solid var(--line); }
  nav {
    grid-column: 1; position: sticky; top: 0; height: 100vh; overflow-y: auto;
    border-right: 1px solid var(--line); border-bottom: 0;
  }
  main { grid-column: 2; grid-row: 1 / span 2; padding: 0 2.5rem 5rem; }
  /* The contents stay open beside the text, where the browser can be told so. */
  @supports selector(::details-content) {
    nav summary { display: none; }
    nav details::details-content { content-visibility: visible; display: block; height: auto; }
  }
}
@media (min-width: 80rem) {
  .columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 2.5rem; align-items: start; }
  .examples { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow-y: auto; }
  .examples pre:first-child { margin-top: 0; }
}
@media print {
  nav, .skip { display: none; }
  pre { white-space: pre-wrap; }
}
`;
