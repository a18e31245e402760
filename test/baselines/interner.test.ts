import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Interner } from '../../src/baselines/interner.js'

describe('texts as numbers', () => {
  it('the same text has the same number, and the number leads back to it', () => {
    const texts = new Interner()
    const words = ['mail', 'Mail', '', '__proto__', 'constructor', 'mail ']
    const ids = words.map((word) => texts.id(word))
    expect(new Set(ids).size).toBe(words.length)
    expect(words.map((word) => texts.id(word))).toEqual(ids)
    expect(ids.map((id) => texts.text(id))).toEqual(words)
    expect(texts.size).toBe(words.length)
  })

  it('numbers that are not in use are given out again, those in use keep their text', () => {
    const texts = new Interner()
    const [mail, files, chats] = ['mail', 'files', 'chats'].map((text) => texts.id(text))
    texts.sweep(new Set([files!]))
    expect(texts.size).toBe(1)
    expect(texts.text(files!)).toBe('files')
    const reused = [texts.id('sites'), texts.id('users')]
    expect(reused.sort()).toEqual([mail, chats].sort())
    expect(texts.id('files')).toBe(files)
  })

  it('refuses a number that no text has', () => {
    const texts = new Interner()
    const id = texts.id('mail')
    texts.sweep(new Set())
    expect(() => texts.text(id)).toThrow(`no text has the number ${id}`)
    expect(() => texts.text(99)).toThrow('no text has the number 99')
  })

  it('never holds more numbers than were in use at once, however often it is swept', () => {
    const step = fc.oneof(fc.constantFrom(...'abcdefgh'), fc.constant(undefined))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const texts = new Interner()
        const known = new Map<string, number>()
        let most = 0
        for (const text of steps) {
          if (text !== undefined) known.set(text, texts.id(text))
          else {
            for (const letter of [...known.keys()]) if (letter > 'd') known.delete(letter)
            texts.sweep(new Set(known.values()))
          }
          most = Math.max(most, known.size)
          for (const [letter, id] of known) expect(texts.text(id)).toBe(letter)
          expect(new Set(known.values()).size).toBe(known.size)
        }
        for (const id of known.values()) expect(id).toBeLessThan(most)
      }),
      { numRuns: 200 },
    )
  })
})
