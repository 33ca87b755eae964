export { type Chance, createChance } from './chance.ts'
export { type ClientDisk, type ClientDiskOptions, createClientDisk } from './client-disk.ts'
export { type DirectLinkOptions, directGateway, directTransport } from './direct-link.ts'
export type { Endpoint, HubProcess } from './endpoint.ts'
export { describeFailure } from './history/describe.ts'
export { type FaultKind, faultKinds } from './history/fault-kinds.ts'
export { makePlan, type Plan } from './history/plan.ts'
export { type HistoryResult, runHistory, runPlan, SETTLES_WITHIN } from './history/run-history.ts'
export { shrink } from './history/shrink.ts'
export { describeStep, type Step } from './history/steps.ts'
export { type Promised, Violation } from './history/violation.ts'
export {
  createHubDisk,
  type DurableCommit,
  type HubDisk,
  type HubDiskOptions,
  type HubTables,
} from './hub-disk.ts'
export { createLossyProvider, type LossyProvider } from './lossy-provider.ts'
export { createMachine, createTabMemory, type Machine, type MachineOptions } from './machine.ts'
export { createScheduler, type Scheduler } from './scheduler.ts'
export { type SimulatedFault, setbacks, usualFaults } from './simulate/faults.ts'
export { type SimulateOptions, type SimulateResult, simulate } from './simulate/simulate.ts'
export type {
  ClientParts,
  SimulatedApp,
  SimulatedClient,
  SimulatedClientOptions,
} from './simulate/simulated-client.ts'
export type { HubParts, SimulatedHub, SimulatedUser } from './simulate/simulated-hub.ts'
export type { ChaosOptions, Simulation } from './simulate/simulation.ts'
export { simulatedFetch } from './simulated-fetch.ts'
export { createWire, type Wire, type WireUse } from './wire.ts'
