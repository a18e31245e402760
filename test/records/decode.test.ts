import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DecodedMessage, decodeMessage, rejection, timeBounds } from '../../src/records/decode.js'
import { RecordError } from '../../src/records/record.js'
import { reader } from '../../src/tables/table.js'
import { auditRecord, graphCall, servicePrincipalSignIn, TENANT, userSignIn } from '../support/records.js'

const NOW = Date.UTC(2026, 10, 20, 4)
const CREATED = Date.UTC(2026, 10, 20, 3, 12, 44, 120)

function decode(message: unknown): DecodedMessage {
  return decodeBytes(Buffer.from(JSON.stringify(message)))
}

function decodeBytes(bytes: Buffer): DecodedMessage {
  return decodeMessage(bytes, timeBounds(NOW))
}

/** `table@index` of each record, `reason@index` of each rejection, and the unknown categories. */
function summary({ records, rejected, unknown }: DecodedMessage): string[] {
  return [
    ...records.map(({ table, index }) => `${table.name}@${index}`),
    ...rejected.map(({ reason, index }) => (index === undefined ? reason : `${reason}@${index}`)),
    ...unknown,
  ]
}

const signIn = servicePrincipalSignIn()
const call = graphCall()
const SIGN_IN = 'AADServicePrincipalSignInLogs'
const CALL = 'MicrosoftGraphActivityLogs'

describe('the shapes of a message', () => {
  it.each<[string, unknown, string[]]>([
    ['an object with a list of records', { records: [signIn, call] }, [`${SIGN_IN}@0`, `${CALL}@1`]],
    ['a capital R', { Records: [signIn] }, [`${SIGN_IN}@0`]],
    ['a bare list', [signIn, call], [`${SIGN_IN}@0`, `${CALL}@1`]],
    ['one record', call, [`${CALL}@0`]],
    ['`records` with one object', { records: signIn }, [`${SIGN_IN}@0`]],
    ['no records', { records: [] }, []],
    ['an empty list', [], []],
    ['a number', 7, ['not-an-object']],
    ['null', null, ['not-an-object']],
    ['a text', 'records', ['not-an-object']],
    ['`records` with a number', { records: 7 }, ['wrong-type']],
    ['`records` with a text', { records: 'all' }, ['wrong-type']],
    ['an empty object', {}, ['no-category@0']],
  ])('%s', (_, message, expected) => {
    expect(summary(decode(message))).toEqual(expected)
  })
})

describe('a bad record', () => {
  it.each<[string, unknown, string]>([
    ['a number', 5, 'not-an-object'],
    ['null', null, 'not-an-object'],
    ['a list', [], 'not-an-object'],
    ['no category', { ...signIn, category: undefined }, 'no-category'],
    ['an empty category', { ...signIn, category: '' }, 'no-category'],
    ['a category that is a number', { ...signIn, category: 12 }, 'no-category'],
    ['a category that is an object', { ...signIn, category: { toString: 'AuditLogs' } }, 'no-category'],
    ['properties that are a list', { ...signIn, properties: [] }, 'wrong-type'],
    ['properties that are a number', { ...signIn, properties: 3 }, 'wrong-type'],
    ['properties that are no JSON', { ...signIn, properties: '{"id":' }, 'invalid-json'],
    ['properties that are JSON text of a list', { ...signIn, properties: '[]' }, 'wrong-type'],
    ['an event time that is a word', servicePrincipalSignIn({ createdDateTime: 'soon' }), 'wrong-type'],
    ['an event time that is a number', servicePrincipalSignIn({ createdDateTime: 1e12 }), 'wrong-type'],
    [
      'an event time that is an object',
      servicePrincipalSignIn({ createdDateTime: { toString: 1 } }),
      'wrong-type',
    ],
    [
      'an event time of 1970',
      servicePrincipalSignIn({ createdDateTime: '1970-01-01T00:00:00Z' }),
      'implausible-time',
    ],
    [
      'an event time of the year 1, as .NET writes none',
      servicePrincipalSignIn({ createdDateTime: '0001-01-01T00:00:00Z' }),
      'implausible-time',
    ],
    [
      'an event time of 2099',
      servicePrincipalSignIn({ createdDateTime: '2099-01-01T00:00:00Z' }),
      'implausible-time',
    ],
  ])('with %s is rejected by its place, and its neighbours are kept', (_, bad, reason) => {
    const message = decode({ records: [signIn, bad, call] })
    expect(summary(message)).toEqual([`${SIGN_IN}@0`, `${CALL}@2`, `${reason}@1`])
    expect(message.rejected[0]!.detail).not.toBe('')
    expect(message.rejected[0]!.record).toEqual(JSON.parse(JSON.stringify(bad)))
  })
})

describe('the time of an event', () => {
  it.each([
    ['a sign-in', signIn],
    ['a Graph call', call],
    ['an audit record', auditRecord()],
  ])('of %s is that of its properties, not of the export', (_, record) => {
    expect(decode([record]).records[0]!.eventTime).toBe(CREATED)
  })

  it.each([undefined, null, '', '<null>'])(
    'is none for a sign-in whose createdDateTime is %j: the time of export is another one',
    (createdDateTime) => {
      const { records, rejected } = decode([servicePrincipalSignIn({ createdDateTime })])
      expect(rejected).toEqual([])
      expect(records[0]!.eventTime).toBeUndefined()
    },
  )

  it('may lie a day ahead of the clock, and no more', () => {
    const at = (createdDateTime: string) => summary(decode([servicePrincipalSignIn({ createdDateTime })]))
    expect(at('2026-11-21T04:00:00Z')).toEqual([`${SIGN_IN}@0`])
    expect(at('2026-11-21T04:00:00.001Z')).toEqual(['implausible-time@0'])
  })
})

describe('the envelope', () => {
  it.each<[string, (key: string) => string]>([
    ['small', (key) => key.toLowerCase()],
    ['capital', (key) => key.toUpperCase()],
    ['with a capital first letter', (key) => key.charAt(0).toUpperCase() + key.slice(1)],
  ])('may have its keys written %s', (_, write) => {
    const odd = Object.fromEntries(Object.entries(signIn).map(([key, value]) => [write(key), value]))
    const { records } = decode([odd])
    const { table, record, eventTime } = records[0]!
    expect(table.name).toBe(SIGN_IN)
    expect(eventTime).toBe(CREATED)
    expect(reader(table, 'ResultType')(record)).toBe('0')
    expect(reader(table, 'AADTenantId')(record)).toBe(TENANT)
    expect(reader(table, 'Level')(record)).toBe('4')
  })

  it('keeps the usual spelling where a key comes in two', () => {
    const { records } = decode([{ RESULTTYPE: '50053', ...signIn, resulttype: '7000222' }])
    expect(reader(records[0]!.table, 'ResultType')(records[0]!.record)).toBe('0')
  })

  it('names its category in any case', () => {
    expect(summary(decode([{ ...signIn, category: 'SERVICEPRINCIPALSIGNINLOGS' }]))).toEqual([`${SIGN_IN}@0`])
  })

  it('may carry its properties as JSON text', () => {
    const { records } = decode([{ ...signIn, properties: JSON.stringify(signIn.properties) }])
    expect(records[0]!.record.properties).toEqual(signIn.properties)
    expect(records[0]!.eventTime).toBe(CREATED)
  })

  it.each([undefined, null])('may have %j properties, which are then empty', (properties) => {
    const { records } = decode([{ ...signIn, properties }])
    expect(records[0]!.record.properties).toEqual({})
  })

  it('counts every record of a category that is passed over', () => {
    const other = (category: string) => ({ ...signIn, category })
    const message = decode([
      other('NetworkAccessTrafficLogs'),
      signIn,
      other('ADFSSignInLogs'),
      other('Zebra'),
    ])
    expect(summary(message)).toEqual([`${SIGN_IN}@1`, 'NetworkAccessTrafficLogs', 'ADFSSignInLogs', 'Zebra'])
  })
})

describe('bytes', () => {
  const name = 'Rechnungs-Agent „Zürich“ 日本 🤖'
  const named = JSON.stringify({ records: [servicePrincipalSignIn({ servicePrincipalName: name })] })

  it('in UTF-8 keep the names of the world', () => {
    const { records } = decodeBytes(Buffer.from(named, 'utf8'))
    expect(records[0]!.record.properties.servicePrincipalName).toBe(name)
  })

  it.each<[string, string]>([
    ['ASCII', JSON.stringify([signIn])],
    ['other letters', named],
  ])('may begin with a byte order mark, before %s', (_, text) => {
    expect(summary(decodeBytes(Buffer.from(`\ufeff${text}`, 'utf8')))).toEqual([`${SIGN_IN}@0`])
  })

  it.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'invalid-json'],
    ['blanks', Buffer.from(' \n '), 'invalid-json'],
    ['a truncated message', Buffer.from(named.slice(0, 200)), 'invalid-json'],
    ['a text that is no JSON', Buffer.from('<html>503</html>'), 'invalid-json'],
    ['single quotes', Buffer.from("{'records':[]}"), 'invalid-json'],
    ['Latin-1', Buffer.from('{"records":[{"identity":"Zürich"}]}', 'latin1'), 'invalid-utf8'],
    ['half a letter', Buffer.from('{"a":"ü"}').subarray(0, 7), 'invalid-utf8'],
    ['UTF-16', Buffer.from('\ufeff{"records":[]}', 'utf16le'), 'invalid-utf8'],
    ['compressed data', Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff]), 'invalid-utf8'],
  ])('that hold %s are rejected as a whole', (_, bytes, reason) => {
    expect(summary(decodeBytes(bytes))).toEqual([reason])
  })
})

describe('nesting 100,000 deep', () => {
  const N = 100_000
  const repeat = (open: string, inner: string, close: string) => open.repeat(N) + inner + close.repeat(N)
  const deep: [string, string][] = [
    ['lists', repeat('[', '', ']')],
    ['objects', repeat('{"a":', '1', '}')],
    ['lists and objects in turn', repeat('[{"a":', '1', '}]')],
    ['blanks between the brackets', repeat('{"a": ', '1', ' }')],
    ['line feeds between the brackets', repeat('[\n', '1', '\n]')],
    ['something after each level', repeat('{"a":', '1', ',"b":2}')],
    ['brackets in the texts between', repeat('{"}]":', '1', '}')],
    ['escaped quotes in the keys', repeat('{"\\"}\\\\":', '1', '}')],
    ['two lists and an object', repeat('[[{"a":', '1', '}]]')],
  ]

  it.each(deep)('of %s is too deep, as a message', (_, text) => {
    expect(summary(decodeBytes(Buffer.from(text)))).toEqual(['too-deep'])
  })

  it.each(deep)('of %s is too deep within a record', (_, text) => {
    const record = JSON.stringify(servicePrincipalSignIn({ agent: 'HERE' })).replace('"HERE"', text)
    expect(summary(decodeBytes(Buffer.from(record)))).toEqual(['too-deep'])
  })

  it.each(deep)('of %s is too deep within properties that are JSON text', (_, text) => {
    const properties = JSON.stringify(signIn.properties).replace('{', `{"deep":${text},`)
    expect(summary(decode([call, { ...signIn, properties }]))).toEqual([`${CALL}@0`, 'too-deep@1'])
  })

  it('without end is too deep', () => {
    expect(summary(decodeBytes(Buffer.from('['.repeat(N))))).toEqual(['too-deep'])
  })

  it('is no matter in a text', () => {
    const record = servicePrincipalSignIn({ userAgent: '{"a":['.repeat(N) })
    expect(summary(decode([record]))).toEqual([`${SIGN_IN}@0`])
  })

  it('is refused beyond 64 levels in a long text, counted from the message on', () => {
    const blanks = ' '.repeat(8_192)
    const nested = (levels: number) => Buffer.from('['.repeat(levels) + blanks + ']'.repeat(levels))
    expect(summary(decodeBytes(nested(64)))).toEqual(['not-an-object@0'])
    expect(summary(decodeBytes(nested(65)))).toEqual(['too-deep'])
  })

  it('is what an exhausted stack is reported as', () => {
    expect(rejection(new RangeError('Maximum call stack size exceeded'), { index: 3 })).toEqual({
      reason: 'too-deep',
      detail: 'Maximum call stack size exceeded',
      index: 3,
    })
  })
})

describe('names that JavaScript gives a meaning', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is a key like any other', (key) => {
    const text = JSON.stringify(signIn).replace('{', `{"${key}":{"polluted":"yes","category":"AuditLogs"},`)
    const inner = text.replace('"properties":{', `"properties":{"${key}":{"polluted":"yes"},`)
    expect(summary(decodeBytes(Buffer.from(inner)))).toEqual([`${SIGN_IN}@0`])
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })

  it.each(['__proto__', 'constructor', 'toString'])('%s is an id like any other', (id) => {
    const { records } = decode([servicePrincipalSignIn({ id, servicePrincipalId: id })])
    expect(reader(records[0]!.table, 'ServicePrincipalId')(records[0]!.record)).toBe(id)
  })

  it.each(['__proto__', 'constructor'])('%s is an unknown category', (category) => {
    expect(summary(decode([{ ...signIn, category }]))).toEqual([category])
  })

  it('does not take a category from a prototype', () => {
    const text = `{"__proto__":${JSON.stringify(signIn)}}`
    expect(summary(decodeBytes(Buffer.from(text)))).toEqual(['no-category@0'])
  })
})

describe('decodeMessage never throws, and accounts for every record', () => {
  const expectAccounted = (bytes: Buffer) => {
    const message = decodeBytes(bytes)
    let count: number | undefined
    try {
      const value: unknown = JSON.parse(bytes.toString('utf8'))
      if (Array.isArray(value)) count = value.length
    } catch {
      expect(message.rejected).toHaveLength(1)
    }
    const { records, rejected, unknown } = message
    if (count !== undefined) expect(records.length + rejected.length + unknown.length).toBe(count)
  }

  it('whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expectAccounted(Buffer.from(bytes))
      }),
    )
  })

  it('whatever the JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (value) => {
        expectAccounted(Buffer.from(JSON.stringify(value)))
      }),
    )
  })

  it('whichever value of a good record is replaced', () => {
    const records = [signIn, call, auditRecord(), userSignIn()]
    const property = fc.constantFrom(...records).chain((record) =>
      fc.record({
        record: fc.constant(record),
        outer: fc.constantFrom(...Object.keys(record)),
        inner: fc.constantFrom(...Object.keys(record.properties)),
        value: fc.jsonValue(),
        inside: fc.boolean(),
      }),
    )
    fc.assert(
      fc.property(property, ({ record, outer, inner, value, inside }) => {
        const mutated = inside
          ? { ...record, properties: { ...record.properties, [inner]: value } }
          : { ...record, [outer]: value }
        expectAccounted(Buffer.from(JSON.stringify([call, mutated, signIn])))
      }),
      { numRuns: 500 },
    )
  })

  it('wherever a good message is cut or damaged', () => {
    const good = Buffer.from(JSON.stringify([signIn, call]))
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const bytes = Buffer.from(good)
        bytes[at] = byte
        const piece = cut ? bytes.subarray(0, at) : bytes
        const { records, rejected, unknown } = decodeBytes(piece)
        expect(records.length + rejected.length + unknown.length).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })
})

describe('rejection', () => {
  it.each<[unknown, string, string]>([
    [new RecordError('too-large', '3 MB'), 'too-large', '3 MB'],
    [new TypeError('boom'), 'wrong-type', 'boom'],
    ['boom', 'wrong-type', 'boom'],
  ])('of %s says %s', (error, reason, detail) => {
    expect(rejection(error)).toEqual({ reason, detail })
  })
})
