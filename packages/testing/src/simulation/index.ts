export { type Chance, createChance } from './chance.ts'
export type { ClientDisk } from './client-disk.ts'
export { describeFailure } from './history/describe.ts'
export { type FaultKind, faultKinds } from './history/fault-kinds.ts'
export { makePlan } from './history/make-plan.ts'
export type { Plan } from './history/plan.ts'
export { type HistoryResult, runHistory, runPlan, SETTLES_WITHIN } from './history/run-history.ts'
export { shrink } from './history/shrink.ts'
export { describeStep, type Step } from './history/steps.ts'
export { type Promised, Violation } from './history/violation.ts'
export type { HubDisk, HubTables } from './hub-disk.ts'
export type { LossyProvider } from './lossy-provider.ts'
export type { Machine } from './machine.ts'
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
export type { Wire } from './wire.ts'
