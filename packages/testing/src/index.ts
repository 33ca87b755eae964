export { type ClientStorageFixture, clientStorageSuite } from './client-storage-suite.ts'
export { type Collected, collect } from './collect.ts'
export type {
  ProviderService,
  RunningProvider,
  ServedGateway,
  TransportPair,
} from './conformance/transport-pair.ts'
export { transportSuite } from './conformance/transport-suite.ts'
export { type HubStoreFixture, hubStoreSuite } from './hub-store-suite.ts'
export {
  createSimulatedNetwork,
  type SimulatedClient,
  type SimulatedNetwork,
  type SimulatedNetworkOptions,
} from './simulated-network.ts'
export { type Tap, type Taps, tapTransport } from './tap-transport.ts'
export { createTcpProxy, type Direction, type TcpProxy, type TcpProxyOptions } from './tcp-proxy.ts'
export { eventually, until, type WaitOptions } from './until.ts'
export { createVirtualTime, type VirtualTime } from './virtual-time.ts'
