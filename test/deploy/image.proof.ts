import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import { packagePath } from '../../src/package-root.js'
import { linesOf } from '../support/cli.js'
import { lastOf, readDockerfile, type Stage } from '../support/dockerfile.js'

/** Builds what deploy/Dockerfile says, stage by stage, below a folder: no container engine is needed. */
class Image {
  readonly root = mkdtempSync(join(tmpdir(), 'agentwarden-image-'))
  readonly stages = readDockerfile(readFileSync(packagePath('deploy', 'Dockerfile'), 'utf8'))

  get last(): Stage {
    return this.stages.at(-1)!
  }

  /** Where a path of the last stage lies here. */
  path(path: string): string {
    return join(this.root, 'last', path)
  }

  build(): void {
    for (const [index, stage] of this.stages.entries()) {
      const name = index === this.stages.length - 1 ? 'last' : stage.name!
      this.#build(stage, join(this.root, name))
    }
  }

  #build({ instructions }: Stage, root: string): void {
    let folder = root
    for (const { name, text } of instructions) {
      if (name === 'WORKDIR') {
        folder = join(root, text)
        mkdirSync(folder, { recursive: true })
      } else if (name === 'COPY') this.#copy(text.split(' '), folder)
      else if (name === 'RUN') execFileSync('sh', ['-c', text], { cwd: folder, stdio: 'pipe' })
    }
  }

  #copy(words: readonly string[], folder: string): void {
    const from = words[0]!.startsWith('--from=') ? join(this.root, words[0]!.slice(7)) : undefined
    const paths = words.slice(from ? 1 : 0)
    const target = join(folder, paths.at(-1)!)
    for (const path of paths.slice(0, -1)) {
      const source = from ? join(from, path) : packagePath(path)
      const into = paths.at(-1)!.endsWith('/') ? join(target, path) : target
      cpSync(source, into, { recursive: true, filter: (one) => !one.endsWith('.test.yaml') })
    }
  }
}

const image = new Image()
const [user] = lastOf(image.last, 'USER')
const [uid, gid] = user!.split(':').map(Number) as [number, number]
const state = image.path(lastOf(image.last, 'VOLUME')[0]!)
const asRoot = process.getuid?.() === 0

/** Runs the image's program on other arguments, as its user. */
async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const [command, ...entry] = lastOf(image.last, 'ENTRYPOINT')
  const words = [...entry.map((word) => (word.startsWith('/app') ? image.path(word) : word)), ...args]
  const child = spawn(command!, words, {
    cwd: state,
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
    ...(asRoot ? { uid, gid } : {}),
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, ...output }
}

beforeAll(() => {
  image.build()
  // As a read-only file system is: nobody but the owner of the state may write anything.
  execFileSync('chmod', ['-R', 'a-w,a+rX', image.root])
  if (asRoot) chownSync(state, uid, gid)
  chmodSync(state, 0o755)
}, 600_000)

afterAll(() => {
  execFileSync('chmod', ['-R', 'u+w', image.root])
  rmSync(image.root, { recursive: true })
}, 600_000)

describe('the production install', () => {
  it('has no packages that are only needed to build', () => {
    expect(existsSync(image.path('/app/node_modules/kafkajs'))).toBe(true)
    for (const name of ['typescript', 'vitest', 'fast-check'])
      expect([name, existsSync(image.path(`/app/node_modules/${name}`))]).toEqual([name, false])
  })

  it('raises the alerts of the samples as an ordinary user who can write nothing but the state', async () => {
    const samples = packagePath('samples')
    const { code, stdout, stderr } = await run('run', samples, '--once')
    expect([code, stderr]).toEqual([0, expect.stringContaining('"stopped"')])
    const replayed = await run('replay', samples, '--format', 'ndjson', '--quiet')
    const ids = (text: string) => new Set(linesOf<Alert>(text).map(({ id }) => id))
    expect(ids(stdout).size).toBeGreaterThan(40)
    expect(ids(stdout)).toEqual(ids(replayed.stdout))
  })

  it('goes on from its state: a second run has nothing new to say', async () => {
    const { code, stdout } = await run('run', packagePath('samples'), '--once')
    expect([code, stdout]).toEqual([0, ''])
  })

  it('cannot write to its own tree', async () => {
    const file = image.path('/app/dist/cli.js')
    const script = `require('fs').appendFileSync(${JSON.stringify(file)}, '')`
    if (asRoot)
      expect(() => execFileSync('node', ['-e', script], { uid, gid, stdio: 'pipe' })).toThrow('EACCES')
  })

  it('says with an error that it can not write its state', async () => {
    chmodSync(state, 0o555)
    rmSync(join(state, 'state'), { recursive: true })
    const { code, stderr } = await run('run', packagePath('samples'), '--once')
    chmodSync(state, 0o755)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/error: .*state/)])
  })
})
