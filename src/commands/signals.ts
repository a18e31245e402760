import { constants } from 'node:os'

/** What is done on a signal, or when something was thrown that nobody caught. */
export interface SignalHandlers {
  stop(signal: NodeJS.Signals, number: number): void
  reload(): void
  crash(error: unknown): void
}

/** Listens to signals; returns how to end that. */
export function onSignals({ stop, reload, crash }: SignalHandlers): () => void {
  const stopOn = (signal: NodeJS.Signals) => stop(signal, constants.signals[signal])
  const listeners = [
    ['SIGTERM', stopOn],
    ['SIGINT', stopOn],
    ['SIGHUP', reload],
    ['uncaughtException', crash],
  ] as const
  for (const [event, listener] of listeners) process.on(event, listener as never)
  return () => {
    for (const [event, listener] of listeners) process.off(event, listener as never)
  }
}
