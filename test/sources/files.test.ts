import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileSource, type FileSourceOptions } from '../../src/sources/files.js'
import { InputError } from '../../src/sources/inputs.js'
import type { Piece } from '../../src/sources/splitter.js'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'files-'))
})

afterEach(() => rm(directory, { recursive: true }))

async function sourceOf(
  content: Buffer | string,
  name = 'log.json',
  options?: FileSourceOptions,
): Promise<FileSource> {
  const path = join(directory, name)
  await writeFile(path, content)
  return new FileSource({ name, path, size: undefined }, options)
}

function standardInput(chunks: (Buffer | string)[]): FileSource {
  const stdin = Readable.from(chunks, { objectMode: false })
  return new FileSource({ name: 'standard input', path: '-', size: undefined }, { stdin })
}

/** The texts of all pieces, and the error that ended them. */
async function readAll(source: FileSource): Promise<{ texts: string[]; error?: unknown }> {
  const texts: string[] = []
  try {
    for await (const pieces of source.pieces()) texts.push(...pieces.map((piece) => piece.bytes.toString()))
    return { texts }
  } catch (error) {
    return { texts, error }
  }
}

/** Lines that do not compress to nothing. */
function linesOf(count: number): string[] {
  return Array.from({ length: count }, (_, number) =>
    JSON.stringify({ number, text: String(Math.sin(number)) }),
  )
}

const lines = linesOf(5000)
const plain = `${lines.join('\n')}\n`
const zipped = gzipSync(plain)

describe('a file', () => {
  it('is read to its end, with positions that go on across reads', async () => {
    const many = linesOf(60_000)
    const source = await sourceOf(many.join('\n'))
    let offset = 0
    let line = 1
    for await (const pieces of source.pieces()) {
      for (const piece of pieces) {
        expect([piece.offset, piece.line]).toEqual([offset, line])
        offset += piece.length + 1
        line++
      }
    }
    expect(line - 1).toBe(many.length)
  })

  it('gives one array of pieces for each read of 1 MiB, and one for the end', async () => {
    const source = await sourceOf('{"a":1}\n'.repeat(3 * 128 * 1024))
    const counts: number[] = []
    for await (const pieces of source.pieces()) counts.push(pieces.length)
    expect(counts).toEqual([128 * 1024, 128 * 1024, 128 * 1024, 0])
  })

  it('tells its size once it is open and how much of it is read', async () => {
    const source = await sourceOf(plain)
    expect([source.name, source.size, source.read]).toEqual(['log.json', undefined, 0])
    await readAll(source)
    expect([source.size, source.read]).toEqual([plain.length, plain.length])
  })

  it.each([
    ['empty', ''],
    ['of one byte', '1'],
    ['a byte order mark', '\ufeff'],
  ])('may be %s', async (_, content) => {
    const { texts, error } = await readAll(await sourceOf(content))
    expect(texts).toEqual(content === '1' ? ['1'] : [])
    expect(error).toBeUndefined()
  })

  it('can be read again', async () => {
    const source = await sourceOf('{"a":1}\n')
    expect(await readAll(source)).toEqual(await readAll(source))
    expect(source.read).toBe(8)
  })

  it('hands the limits on to the splitter', async () => {
    const source = await sourceOf('{"a":"too long"}\n{"b":1}\n', 'log.json', { maxBytes: 10, keepBytes: 4 })
    expect((await readAll(source)).texts).toEqual(['{"a"', '{"b":1}'])
  })

  it.each([
    ['missing', 'missing', 'nowhere.json'],
    ['a directory', 'unreadable', '.'],
  ])('that is %s gives an error that names it', async (_, code, name) => {
    const { error } = await readAll(new FileSource({ name, path: join(directory, name), size: undefined }))
    expect(error).toBeInstanceOf(InputError)
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(`${name}: cannot be read at byte 0`),
    })
  })
})

describe('gzip', () => {
  it.each<[string, Buffer, string[]]>([
    ['one member', zipped, lines],
    [
      'members one after another',
      Buffer.concat([zipped, gzipSync('{"a":1}\n'), zipped]),
      [...lines, '{"a":1}', ...lines],
    ],
    ['a line that spans two members', Buffer.concat([gzipSync('{"a"'), gzipSync(':1}')]), ['{"a":1}']],
    ['an empty member', gzipSync(''), []],
    ['a zero after the last member', Buffer.concat([zipped, Buffer.alloc(1)]), lines],
    ['zeroes after the last member', Buffer.concat([zipped, Buffer.alloc(100_000)]), lines],
  ])('is uncompressed: %s', async (_, content, expected) => {
    expect(await readAll(await sourceOf(content, 'log.json.gz'))).toEqual({ texts: expected })
  })

  it.each([
    ['gzip without .gz', 'log.json', zipped],
    ['no gzip with .gz', 'log.json.gz', Buffer.from(plain)],
  ])('is told by its first bytes: %s', async (_, name, content) => {
    expect(await readAll(await sourceOf(content, name))).toEqual({ texts: lines })
  })

  it('has positions in the uncompressed input and progress in bytes on disk', async () => {
    const source = await sourceOf(gzipSync('{"a":1}\n{"b":2}\n'))
    const pieces: Piece[] = []
    for await (const some of source.pieces()) pieces.push(...some)
    expect(pieces.map((piece) => [piece.line, piece.offset])).toEqual([
      [1, 0],
      [2, 8],
    ])
    expect(source.read).toBe(source.size)
  })

  it.each([2, 5, 11, 300, 1000, 20_000, zipped.length - 1])(
    'cut after %d bytes yields all that was there, then fails',
    async (length) => {
      const { texts, error } = await readAll(await sourceOf(zipped.subarray(0, length), 'cut.gz'))
      const whole = texts.slice(0, -1)
      expect(whole).toEqual(lines.slice(0, whole.length))
      // Every byte of compressed text gives at least one of text, but for the header and the code tables.
      expect(texts.join('\n').length).toBeGreaterThanOrEqual(length - 300)
      expect(error).toBeInstanceOf(InputError)
      expect(error).toMatchObject({ code: 'corrupt-gzip', cause: { code: 'Z_BUF_ERROR' } })
      expect((error as InputError).message).toMatch(
        new RegExp(
          `^cut.gz: gzip is corrupt within the first ${length} bytes, after \\d+ uncompressed bytes: unexpected end`,
        ),
      )
    },
  )

  it('cut in its second member yields the first', async () => {
    const { texts, error } = await readAll(await sourceOf(Buffer.concat([zipped, zipped.subarray(0, 5)])))
    expect(texts).toEqual(lines)
    expect(error).toMatchObject({ code: 'corrupt-gzip' })
  })

  it('with a corrupt byte yields most of what came before it, then fails', async () => {
    const corrupt = Buffer.from(zipped)
    corrupt.fill(0xff, 20_000, 20_100)
    const { texts, error } = await readAll(await sourceOf(corrupt))
    const good = lines.findIndex((line, number) => line !== texts[number])
    const before = lines.length * (20_000 / zipped.length)
    expect(good).toBeGreaterThan(before * 0.9)
    expect(error).toMatchObject({ code: 'corrupt-gzip', cause: { code: 'Z_DATA_ERROR' } })
  })
})

describe('standard input', () => {
  it('is read in the chunks that come', async () => {
    expect(await readAll(standardInput(['{"a":1}\n{"b"', ':2}\n']))).toEqual({
      texts: ['{"a":1}', '{"b":2}'],
    })
  })

  it('is uncompressed when it is gzip, also when the first byte comes alone', async () => {
    const source = standardInput([zipped.subarray(0, 1), zipped.subarray(1)])
    expect(await readAll(source)).toEqual({ texts: lines })
    expect([source.size, source.read]).toEqual([undefined, zipped.length])
  })

  it('that fails yields what came before, then an error with its cause', async () => {
    const stdin = Readable.from(
      (async function* () {
        yield Buffer.from('{"a":1}\n{"b')
        throw new Error('broken pipe')
      })(),
    )
    const source = new FileSource({ name: 'standard input', path: '-', size: undefined }, { stdin })
    const { texts, error } = await readAll(source)
    expect(texts).toEqual(['{"a":1}', '{"b'])
    expect(error).toMatchObject({
      code: 'unreadable',
      message: 'standard input: cannot be read at byte 11: broken pipe',
    })
  })
})

describe('iteration that stops early', () => {
  /** How often the files of this test are open in this process. */
  async function openFiles(): Promise<number> {
    const descriptors = await readdir('/proc/self/fd')
    const targets = await Promise.all(
      descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    )
    return targets.filter((target) => target.startsWith(directory)).length
  }

  it.skipIf(process.platform !== 'linux').each([
    ['text', Buffer.from(plain.repeat(20))],
    ['gzip', gzipSync(plain.repeat(20))],
  ])('closes the file: %s', async (_, content) => {
    const source = await sourceOf(content)
    for await (const pieces of source.pieces()) {
      expect(pieces.length).toBeGreaterThan(0)
      expect(await openFiles()).toBe(1)
      break
    }
    expect(await openFiles()).toBe(0)
  })

  it.skipIf(process.platform !== 'linux')('by an error of the reader closes the file', async () => {
    const source = await sourceOf(plain)
    const reading = async () => {
      for await (const _ of source.pieces()) throw new Error('reader failed')
    }
    await expect(reading()).rejects.toThrow('reader failed')
    expect(await openFiles()).toBe(0)
  })

  it('does not open a file of which nothing is read', async () => {
    const source = new FileSource({ name: 'x', path: join(directory, 'nowhere.json'), size: undefined })
    await source.pieces().return(undefined)
    expect(source.read).toBe(0)
  })
})
