import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { packagePath } from '../../src/package-root.js'
import { linesOf } from './cli.js'

const FOLDER = packagePath('build', `test-${process.pid}`)

/** Compiles the program for the tests of a file, which start it as a process of its own. */
export function compileFirst(): void {
  // Starting a process takes a second of a processor, and much longer where that is busy with other tests.
  vi.setConfig({ testTimeout: 120_000 })
  beforeAll(() => {
    const tsc = packagePath('node_modules', 'typescript', 'bin', 'tsc')
    execFileSync(process.execPath, [tsc, '-p', packagePath('tsconfig.build.json'), '--outDir', FOLDER])
  }, 120_000)
  afterAll(() => rmSync(FOLDER, { recursive: true, force: true }))
}

/** One line of the log. */
export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** `agentwarden` as a process of its own, in the present folder. */
export class Running {
  readonly child: ChildProcess
  #stdout = ''
  #stderr = ''
  readonly #closed: Promise<unknown>

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [`${FOLDER}/cli.js`, ...args])
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.#closed = once(this.child, 'close')
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /** The log so far, whole lines. */
  get log(): readonly LogLine[] {
    const whole = this.#stderr.slice(0, this.#stderr.lastIndexOf('\n') + 1)
    return linesOf<LogLine>(whole.replace(/^[^{].*$/gm, ''))
  }

  /** Waits for a line of the log. Fails at once if the process ends before. */
  async said(message: string, times = 1): Promise<LogLine> {
    await until(() => {
      const lines = this.log.filter(({ msg }) => msg === message)
      if (lines.length < times && this.child.exitCode !== null) throw new Error(`ended: ${this.#stderr}`)
      expect(lines.length, this.#stderr).toBeGreaterThanOrEqual(times)
    })
    return this.log.filter(({ msg }) => msg === message)[times - 1]!
  }

  /** A status page. */
  async page(path: string): Promise<{ status: number; body: string }> {
    const { address } = await this.said('running')
    const response = await fetch(`${String(address)}${path}`)
    return { status: response.status, body: await response.text() }
  }

  /** Value of a metric, with its labels as the page writes them. */
  async metric(name: string): Promise<number | undefined> {
    const { body } = await this.page('/metrics')
    const line = body.split('\n').find((one) => one.startsWith(`agentwarden_${name} `))
    return line === undefined ? undefined : Number(line.split(' ').at(-1))
  }

  /** Sends a signal. */
  signal(signal: NodeJS.Signals): this {
    this.child.kill(signal)
    return this
  }

  /** Waits for its end; the exit code, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals> {
    await this.#closed
    return this.child.exitCode ?? this.child.signalCode!
  }

  /** Ends it, if it has not ended. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.#closed
  }
}

/** Waits until something holds. */
export async function until(holds: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(holds, { timeout: 60_000, interval: 20 })
}
