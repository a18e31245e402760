export { attackNames, FURTHER_FROM, firstAttackNames } from './attacks/index.js'
export type { Arrival } from './delivery.js'
export type { InventoryAgent } from './inventory.js'
export { type Message, messages } from './messages.js'
export * from './records/index.js'
export {
  type Label,
  type PlannedChange,
  type Simulation,
  type SimulationOptions,
  simulate,
} from './simulate.js'
