import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signature } from '../../src/sinks/webhook/signature.js'
import { madeFolders } from '../support/folders.js'

const scratch = madeFolders()

/** Example of the reference libraries of the specification, standard-webhooks/standard-webhooks on GitHub. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const TIME = 1_614_265_330
const BODY = '{"test": 2432232314}'

/** The snippets of the documentation, by language. */
function snippet(language: string): string {
  const text = readFileSync(new URL('../../docs/alerts.md', import.meta.url), 'utf8')
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)![1]!
}

type Verify = (secret: string, headers: Record<string, string>, body: string, now: number) => boolean

async function documented(): Promise<Verify> {
  const file = join(scratch(), 'verify.mjs')
  writeFileSync(file, snippet('js'))
  return (await import(file)).verify
}

function headersOf(secret: string, id: string, time: number, body: string): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(time),
    'webhook-signature': signature(secret, id, time, body),
  }
}

describe('the signature of a webhook', () => {
  it('is that of the specification', () => {
    expect(signature(SECRET, ID, TIME, BODY)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  it('is verified by the code in the documentation', async () => {
    const verify = await documented()
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ minLength: 1 }), (body, secret) => {
        const headers = headersOf(secret, ID, TIME, body)
        expect(verify(secret, headers, body, TIME + 299)).toBe(true)
        expect(verify(secret, headers, `${body} `, TIME)).toBe(false)
        expect(verify(`${secret}x`, headers, body, TIME)).toBe(false)
        expect(verify(secret, headers, body, TIME + 301)).toBe(false)
        expect(verify(secret, { ...headers, 'webhook-id': 'other' }, body, TIME)).toBe(false)
        expect(verify(secret, { ...headers, 'webhook-signature': 'v1,' }, body, TIME)).toBe(false)
        expect(verify(secret, {}, body, TIME)).toBe(false)
      }),
    )
  })

  it('is verified by the Python in the documentation', (context) => {
    try {
      execFileSync('python3', ['--version'])
    } catch {
      context.skip('there is no python3 here')
    }
    const cases = [
      [SECRET, headersOf(SECRET, ID, TIME, BODY), BODY, TIME],
      ['a plain text ✓', headersOf('a plain text ✓', ID, TIME, BODY), BODY, TIME],
      [SECRET, headersOf(SECRET, ID, TIME, BODY), `${BODY} `, TIME],
      [SECRET, headersOf(SECRET, ID, TIME, BODY), BODY, TIME + 301],
      [SECRET, {}, BODY, TIME],
    ]
    const call = `import json, sys\nfor s, h, b, n in json.load(sys.stdin): print(verify(s, h, b.encode(), n))`
    const said = execFileSync('python3', ['-c', `${snippet('python')}\n${call}`], {
      input: JSON.stringify(cases),
    })
    expect(said.toString().trim().split('\n')).toEqual(['True', 'True', 'False', 'False', 'False'])
  })
})
