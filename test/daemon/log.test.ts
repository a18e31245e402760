import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createLog } from '../../src/daemon/log.js'

/** What is written when one line is logged. */
function written(fields: object, message = 'said', level = 'info'): string {
  const lines: string[] = []
  const stream = new Writable({
    write: (chunk, _, done) => {
      lines.push(String(chunk))
      done()
    },
  })
  createLog(stream, level).info(fields, message)
  return lines.join('')
}

describe('a line of the log', () => {
  it('is one JSON object with level, time and message', () => {
    const line = written({ partition: 'hub/0' }, 'reading')
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      partition: 'hub/0',
      msg: 'reading',
    })
  })

  it('is not written below the level', () => {
    expect(written({}, 'said', 'warn')).toBe('')
  })

  it.each([
    ['line breaks', 'a\r\nb'],
    ['an escape sequence', '\u001b[2J'],
    ['an escape sequence of one character', '\u009b2J'],
    ['delete', 'a\u007f'],
    ['line separators', 'a\u2028b\u2029'],
    ['changes of direction', '\u202eabc\u2066\u200f'],
    ['NUL', 'a\u0000'],
  ])('holds %s as text that does nothing', (_, text) => {
    const line = written({ name: text }, text)
    expect(line.trimEnd()).toMatch(/^[\x20-\x7e]+$/)
    expect(JSON.parse(line)).toMatchObject({ name: text, msg: text })
  })

  it.each([
    [{ password: 'hunter2' }],
    [{ sasl: { password: 'hunter2' } }],
    [{ headers: { Authorization: 'hunter2"quoted' } }],
    [{ client_secret: 'hunter2' }],
    [{ connectionString: 'Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=hunter2' }],
    [{ error: 'no access with Endpoint=sb://x/;SharedAccessKey=hunter2=;EntityPath=h' }],
    [{ error: 'Authorization: Bearer hunter2.abc' }],
    [{ url: 'https://x/?sv=1&sig=hunter2&se=2' }],
    [{ err: new Error('SharedAccessKey=hunter2') }],
  ])('holds no secret: %j', (fields) => {
    expect(written(fields)).not.toContain('hunter2')
    expect(() => JSON.parse(written(fields))).not.toThrow()
  })
})
