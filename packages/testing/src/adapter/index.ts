export { listen, startSilence, unusedUrl } from './local-servers.ts'
export { createStubHub, messages, outgoing, type StubLink } from './stub-hub.ts'
export { type Watch, watch } from './watch.ts'
