export { type HistoryResult, runHistory, runPlan } from './history/run-history.ts'
