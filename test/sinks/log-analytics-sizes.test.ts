import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunksOf } from '../../src/sinks/log-analytics/chunks.js'
import { fitted, jsonBytes, MARKER } from '../../src/sinks/log-analytics/cut.js'

/** Texts of all that JSON and UTF-8 make longer: quotes, control characters, characters of two units. */
const text = fc.string({
  unit: fc.constantFrom('a', '"', '\\', '\u0001', 'é', '\u2028', '😀'),
  maxLength: 400,
})
const value = fc.oneof(
  text,
  fc.array(text, { maxLength: 5 }),
  fc.dictionary(text, text, { maxKeys: 4 }),
  fc.integer(),
)
const row = fc.dictionary(fc.constantFrom('A', 'B', 'C', 'D'), value)

describe('rows dealt to calls', () => {
  it('are all there, in order, each call below the limit unless it is one row that is not', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), fc.integer({ min: 50, max: 3_000 }), (rows, most) => {
        const chunks = chunksOf(
          rows.map((row) => ({ row })),
          most,
        )
        expect(chunks.flat().map(({ row }) => row)).toEqual(rows)
        for (const chunk of chunks) {
          const size = jsonBytes(chunk.map(({ row }) => row))
          expect(size < most || chunk.length === 1).toBe(true)
        }
      }),
    )
  })

  it('take no more calls than needed: no row would have fitted into the call before', () => {
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 2, maxLength: 30 }),
        fc.integer({ min: 50, max: 3_000 }),
        (rows, most) => {
          const chunks = chunksOf(
            rows.map((row) => ({ row })),
            most,
          )
          for (const [index, chunk] of chunks.entries()) {
            const before = chunks[index - 1]
            if (before)
              expect(jsonBytes([...before, chunk[0]].map((one) => one!.row))).toBeGreaterThanOrEqual(most)
          }
        },
      ),
    )
  })
})

describe('a row that is cut', () => {
  it('has every field within the limit, says which were not, and leaves the others alone', () => {
    fc.assert(
      fc.property(row, fc.integer({ min: 60, max: 500 }), (row, field) => {
        const cut = fitted(row, { field, row: 1_000_000 })
        const large = Object.keys(row).filter((name) => jsonBytes(row[name]) > field)
        expect(cut.CutFields ?? []).toEqual(large)
        for (const name of Object.keys(row)) {
          if (!large.includes(name)) expect(cut[name]).toEqual(row[name])
          else {
            expect(jsonBytes(cut[name])).toBeLessThanOrEqual(field)
            const whole = typeof row[name] === 'string' ? row[name] : JSON.stringify(row[name])
            const kept = String(cut[name]).slice(0, -MARKER.length)
            expect(whole.startsWith(kept) && String(cut[name]).endsWith(MARKER)).toBe(true)
            // No character is torn in two.
            expect(kept).not.toMatch(/\p{Cs}/u)
          }
        }
      }),
    )
  })

  it('whose fields fit, but not together, is cut harder', () => {
    const wide = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`F${index}`, 'x'.repeat(60_000)]),
    )
    const cut = fitted(wide)
    expect(jsonBytes(cut)).toBeLessThan(250_000)
    expect((cut.CutFields as string[]).length).toBe(20)
  })
})
