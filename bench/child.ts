import { fork } from 'node:child_process'

/** Runs a task of this script in a process of its own, and returns what it sends back. */
export async function inChild<Result>(script: string, task: string, ...args: string[]): Promise<Result> {
  const child = fork(script, [task, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return new Promise<Result>((resolve, reject) => {
    let result: Result | undefined
    child.on('message', (message) => {
      result = message as Result
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0 && result !== undefined) resolve(result)
      else
        reject(new Error(`${task} ended with code ${code} and ${result === undefined ? 'no' : 'a'} result`))
    })
  })
}

/** The middle of an odd number of values. */
export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}

/** Bytes that are in use: the heap and the arrays beside it, garbage collected. Needs `--expose-gc`. */
export function bytesInUse(): number {
  for (let round = 0; round < 3; round++) globalThis.gc!()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Seconds of processor time of this process, its threads included: what other programs do hardly changes it. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
