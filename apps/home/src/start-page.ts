/** Where the demos are. */
export interface Demos {
  /** The name that the browser knows this machine by, checked. */
  readonly host: string
  readonly todo: number
  readonly whiteboard: number
  /** The providers that are emulated, by name. */
  readonly emulated: readonly string[]
}

const windows = [
  { provider: 'socket-io', name: 'Socket.IO', person: 'Ada' },
  { provider: 'sse', name: 'SSE', person: 'Grace' },
  { provider: 'pusher', name: 'Pusher', person: 'Radia' },
  { provider: 'ably', name: 'Ably', person: 'Hedy' },
] as const

/** The page that leads to the demos. */
export const startPage = ({ host, todo, whiteboard, emulated }: Demos): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#f6f6f3">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#141517">
<title>Syncline</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<style>${style}</style>
</head>
<body>
<header>
<h1>Syncline</h1>
<p>Real-time sync for TypeScript apps: one API over Socket.IO, Server-Sent Events, Pusher and Ably, and the same promises on all of them. Open a demo in two windows, side by side.</p>
</header>
<main>
<section aria-labelledby="whiteboard">
<h2 id="whiteboard">Whiteboard</h2>
<p>Draw together, see each other’s cursors, talk beside the board. Open one window on each provider: they are in one room all the same.</p>
<ul class="windows">
${windows.map(({ provider, name, person }) => `<li><a href="http://${host}:${whiteboard}/?board=lobby&amp;provider=${provider}&amp;as=${person}" target="_blank" rel="noopener"><strong>${name}</strong> <span>as ${person}</span></a></li>`).join('\n')}
</ul>
<h3>What to try</h3>
<ul class="try">
<li>Draw in one window and watch the other three. Each lists the same people.</li>
<li>Change the provider while you draw: the window goes on where it was.</li>
<li>Take a window offline in the developer tools, draw and write, reload it, and come back: everything arrives, once.</li>
</ul>
</section>
<section aria-labelledby="todo">
<h2 id="todo">Todos</h2>
<p>One list, two providers, and an answer to “is my work saved?” for each change.</p>
<ul class="windows">
<li><a href="http://${host}:${todo}/?provider=socket-io&amp;as=ada" target="_blank" rel="noopener"><strong>Socket.IO</strong> <span>as Ada</span></a></li>
<li><a href="http://${host}:${todo}/?provider=sse&amp;as=grace" target="_blank" rel="noopener"><strong>SSE</strong> <span>as Grace</span></a></li>
</ul>
<h3>What to try</h3>
<ul class="try">
<li>Stop everything with Ctrl-C in the middle of something, go on working, reload the page, and start again with <code>npm start</code>. <em>Try now</em> does not wait for the next try.</li>
<li>Add “Milk” in both windows, one of them offline: only the second is taken back, with its reason.</li>
</ul>
</section>
</main>
<footer>
<p>${describeEmulated(emulated)}What you draw and write stays when you stop with Ctrl-C.</p>
</footer>
</body>
</html>
`

const describeEmulated = (names: readonly string[]): string => {
  if (names.length === 0) return ''
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} emulated on this machine: no account is needed. `
}

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3b5bdb"/><path d="M8 12h11M8 20h16" stroke="#fff" stroke-width="3.2" stroke-linecap="round"/></svg>'

const style = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f6f6f3, #141517);
  --card: light-dark(#ffffff, #1d1f22);
  --ink: light-dark(#1b1d21, #ecece8);
  --quiet: light-dark(#5b6068, #a3a8b0);
  --line: light-dark(#dedfd9, #33373d);
  --accent: light-dark(#2f4fc9, #9db1ff);
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  line-height: 1.5;
}
* { box-sizing: border-box; }
body {
  display: grid;
  gap: 1.5rem;
  max-width: 60rem;
  margin: 0 auto;
  padding: clamp(1.25rem, 5vh, 3rem) 1rem 2rem;
  background: var(--page);
  color: var(--ink);
}
h1, h2, h3, p, ul { margin: 0; padding: 0; }
h1 { font-size: 2rem; letter-spacing: -0.02em; line-height: 1.2; }
h2 { font-size: 1.25rem; }
h3 { margin-top: 0.25rem; font-size: 0.875rem; }
header { display: grid; gap: 0.5rem; }
header p { max-width: 42rem; color: var(--quiet); }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem; align-items: start; }
section {
  display: grid;
  gap: 0.75rem;
  padding: 1.25rem;
  border: 1px solid var(--line);
  border-radius: 12px;
  background: var(--card);
}
.windows { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: 0.5rem; list-style: none; }
.windows a {
  display: grid;
  height: 100%;
  padding: 0.625rem 0.875rem;
  border: 1px solid var(--line);
  border-radius: 8px;
  color: inherit;
  text-decoration: none;
}
.windows a:hover { border-color: var(--accent); }
.windows strong { color: var(--accent); }
.windows span { color: var(--quiet); font-size: 0.875rem; }
.try { display: grid; gap: 0.375rem; padding-left: 1.125rem; color: var(--quiet); font-size: 0.9375rem; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code { font-size: 0.875em; }
footer { color: var(--quiet); font-size: 0.875rem; }
`
