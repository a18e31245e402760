import { describe, expect, it } from 'vitest'
import { merge, type PieceSource } from '../../src/replay/merge.js'
import type { Piece } from '../../src/sources/splitter.js'

/** A chunk of a source, as the event times of its values (`undefined` for a value without one); or its breaking off. */
type Chunk = readonly (number | undefined)[] | Error

function piece(time: number | undefined): Piece {
  const bytes = Buffer.from(String(time ?? ''))
  return { bytes, line: 1, offset: 0, length: bytes.length }
}

function timeOf({ bytes }: Piece): number | undefined {
  return bytes.length === 0 ? undefined : Number(bytes.toString())
}

function sourceOf(name: string, chunks: readonly Chunk[], log: string[], once = false): PieceSource {
  return {
    name,
    once,
    async *pieces() {
      log.push(`open ${name}`)
      try {
        for (const chunk of chunks) {
          if (chunk instanceof Error) throw chunk
          yield chunk.map(piece)
        }
      } finally {
        log.push(`close ${name}`)
      }
    },
  }
}

/** Merges sources, and tells all that happens in words; those in `once` can be read once only. */
async function told(
  sources: Readonly<Record<string, readonly Chunk[]>>,
  ...once: string[]
): Promise<string[]> {
  const log: string[] = []
  const made = Object.entries(sources).map(([name, chunks]) =>
    sourceOf(name, chunks, log, once.includes(name)),
  )
  await merge(made, {
    take: (one, { name }) => {
      log.push(`${name} ${timeOf(one) ?? '-'}`)
      return timeOf(one)
    },
    peek: timeOf,
    advance: (time) => void log.push(`all at ${time}`),
    failed: ({ name }, error) => void log.push(`${name} failed: ${(error as Error).message}`),
  })
  return log
}

/** The values alone. */
const values = (log: readonly string[]) => log.filter((line) => /^[abc] [\d-]/.test(line))

describe('several sources as one', () => {
  it('are looked into for where they start, and opened only when their time has come', async () => {
    expect(await told({ a: [[20], [40]], b: [[1], [10], [30]] })).toEqual([
      'open a',
      'close a',
      'open b',
      'close b',
      'open b',
      'b 1',
      'all at 1',
      'b 10',
      'all at 10',
      'b 30',
      'all at 20',
      'open a',
      'a 20',
      'all at 20',
      'a 40',
      'all at 30',
      'close b',
      'all at 40',
      'close a',
    ])
  })

  const chunks: Record<string, Chunk[]> = { a: [[1, 2], [7]], b: [[1], [5]], c: [[4], [6]] }
  it.each([[['a', 'b', 'c']], [['c', 'b', 'a']], [['b', 'c', 'a']]])(
    'are read in one order, given in whatever order: %s',
    async (names) => {
      const log = await told(Object.fromEntries(names.map((name) => [name, chunks[name]!])))
      // Always the one furthest back; by name where two are equally far.
      expect(values(log)).toEqual(['a 1', 'a 2', 'b 1', 'b 5', 'a 7', 'c 4', 'c 6'])
    },
  )

  it('have all reached only what the one furthest back has, which never goes back', async () => {
    const log = await told({ a: [[10], [3], [12]], b: [[11], [20]] })
    const times = log.filter((line) => line.startsWith('all')).map((line) => Number(line.slice(7)))
    expect(times).toEqual([10, 10, 11, 11, 12, 20])
  })

  it('wait for one whose start cannot be known: one without times, or one that can be read only once', async () => {
    const log = await told({ a: [[1]], b: [[undefined], [undefined]], c: [[9], [10]] }, 'c')
    expect(values(log)).toEqual(['b -', 'b -', 'c 9', 'a 1', 'c 10'])
    expect(log.filter((line) => line === 'open c')).toHaveLength(1)
    expect(log.indexOf('all at 1')).toBeGreaterThan(log.indexOf('c 9'))
  })

  it('start where the first value with a time lies, be it in a later chunk', async () => {
    expect(values(await told({ a: [[undefined], [5]], b: [[4]] }))).toEqual(['b 4', 'a -', 'a 5'])
  })

  it('go on without one that breaks off, which is told once, with all that came before', async () => {
    const log = await told({ a: [[1], new Error('disk on fire')], b: [[2], [3]] })
    expect(values(log)).toEqual(['a 1', 'b 2', 'b 3'])
    expect(log.filter((line) => line.includes('failed'))).toEqual(['a failed: disk on fire'])
    expect(log.at(-1)).toBe('close b')
  })

  it('go on without one that breaks off at once', async () => {
    const log = await told({ a: [new Error('no such disk')], b: [[2], [3]] })
    expect(values(log)).toEqual(['b 2', 'b 3'])
    expect(log.filter((line) => line.includes('failed'))).toEqual(['a failed: no such disk'])
  })

  it('may be empty, or none at all', async () => {
    expect(values(await told({ a: [], b: [[]], c: [[1]] }))).toEqual(['c 1'])
    expect(await told({})).toEqual([])
  })
})

describe('a single source', () => {
  it('is opened once: there is nothing to compare its start with', async () => {
    expect(await told({ a: [[2], [1]] })).toEqual(['open a', 'a 2', 'all at 2', 'a 1', 'all at 2', 'close a'])
  })
})

describe('a handler that gives up', () => {
  it('ends the merging with its error, and closes what is open', async () => {
    const log: string[] = []
    const merging = merge([sourceOf('a', [[1], [2]], log)], {
      take: () => {
        throw new Error('disk full')
      },
      peek: timeOf,
      advance: () => {},
      failed: () => {},
    })
    await expect(merging).rejects.toThrow('disk full')
    expect(log).toEqual(['open a', 'close a'])
  })
})
