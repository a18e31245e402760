import fc from 'fast-check'

/** Blanks as nobody writes them, mostly none. */
const blank = fc.constantFrom('', '', '', '', ' ', '\n', '\t\r  ')

/** Keys that are wanted, and keys that are or might be taken for others. */
const usualKeys = [
  ...[
    'category',
    'time',
    'location',
    'Level',
    'id',
    'appId',
    'agent',
    'createdDateTime',
    'ipAddress',
    'status',
  ],
]
const oddKeys = [
  ...['properties', 'Category', 'PROPERTIES', 'records', 'Records', '__proto__', 'constructor', '', 'ünï'],
  ...['a\u0062', 'id\n'],
]

const oddValues = [
  ...[
    '0',
    '-0',
    '1.5',
    '-12e3',
    '1E+2',
    '12',
    '123',
    'true',
    'false',
    'null',
    '""',
    '"a"',
    '"ab"',
    '"AuditLogs"',
  ],
  ...['"\\u0041"', '"\\\\"', '"\\""', '"é日🤖"', '"\\ud800"', '"2026-11-20T03:12:44Z"', '{}', '[]', '[1,[]]'],
]
const noValues = [
  '01',
  '1.',
  '+1',
  '.5',
  '1e',
  '-',
  'NaN',
  'tru',
  '"\\x"',
  '"\u0001"',
  '"',
  '',
  "'a'",
  '[',
  ']',
  '}',
  '1 2',
]

/** The text of a JSON value, hardly ever of something that is none. */
const scalarText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...oddValues) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
)

const maybeText = fc.oneof(
  { weight: 100, arbitrary: scalarText },
  { weight: 1, arbitrary: fc.constantFrom(...noValues) },
)

const keyText = fc.constantFrom(...usualKeys, ...oddKeys).map((key) => `"${key}"`)

/** Values with blanks around them, between commas and brackets. */
function enclosed(open: string, items: fc.Arbitrary<string>, close: string): fc.Arbitrary<string> {
  const item = fc.tuple(blank, items, blank).map((parts) => parts.join(''))
  return fc
    .tuple(blank, fc.array(item, { maxLength: 5 }))
    .map(([inner, all]) => open + (all.join(',') || inner) + close)
}

const { value } = fc.letrec<{ value: string; member: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    maybeText,
    enclosed('{', tie('member'), '}'),
    enclosed('[', tie('value'), ']'),
  ),
  member: fc.tuple(keyText, blank, blank, tie('value')).map(([key, a, b, text]) => `${key}${a}:${b}${text}`),
}))

/** Text that is JSON, or all but JSON: odd keys, keys twice, blanks, escapes, numbers of every form. */
export const jsonText: fc.Arbitrary<string> = fc.tuple(blank, value, blank).map((parts) => parts.join(''))

/** Keys of one object, each with the blanks around it: nearly always none twice and none that is odd. */
const keys = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.uniqueArray(fc.tuple(fc.constantFrom(...usualKeys), blank), { selector: ([key]) => key }),
  },
  {
    weight: 1,
    arbitrary: fc.array(fc.tuple(fc.constantFrom(...usualKeys, ...oddKeys), blank), { maxLength: 5 }),
  },
)

/** Records of the same keys in the same order and with the same blanks, but for their values. */
export const recordsAlike: fc.Arbitrary<string[]> = fc.tuple(keys, keys).chain(([outer, inner]) => {
  const count = outer.length + inner.length
  const record = fc.array(maybeText, { minLength: count, maxLength: count }).map((texts) => {
    const members = [...outer, ...inner].map(([key, space], i) => `"${key}"${space}:${texts[i]}${space}`)
    const properties = `"properties":{${members.slice(outer.length).join(',')}}`
    return `{${[...members.slice(0, outer.length), properties].join(',')}}`
  })
  return fc.array(record, { minLength: 2, maxLength: 5 })
})
