/** What other thresholds would have raised: a curve for each parameter, and the numbers behind it. */

const CURVE_HEIGHT = 220

/** @typedef {import('../../tuning/curve.js').Curve} Curve */
/** @typedef {import('../../tuning/curve.js').CurvePoint} CurvePoint */

/** The curves of a detection; nothing if no other values were tried. @param {string} id */
function tuningSection(id) {
  const curves = index.tuning?.detections.find(({ detection }) => detection === id)?.curves ?? []
  let chosen = curves.find(isTelling) ?? curves[0]
  if (!chosen) return undefined
  const content = el('div')
  const update = () => content.replaceChildren(...(chosen ? curveParts(chosen) : []))
  const options = curves.map(
    (curve) => /** @type {[string, string]} */ ([curve.parameter, optionText(curve)]),
  )
  const parameter = choice('Parameter', options, chosen.parameter, (name) => {
    chosen = curves.find((one) => one.parameter === name)
    update()
  })
  update()
  return section('Other thresholds', el('div', { class: 'corner' }, parameter), content)
}

/** Whether any value makes a difference. @param {Curve} curve */
const isTelling = ({ points }) =>
  points.some(
    ({ alerts, recall, precision }) =>
      alerts !== points[0]?.alerts || recall !== points[0].recall || precision !== points[0].precision,
  )

/** @param {Curve} curve */
const optionText = (curve) =>
  isTelling(curve) ? curve.parameter : `${curve.parameter} (makes no difference)`

/** @param {CurvePoint} point */
const valueText = ({ value }) => (typeof value === 'number' ? numberText(value) : value)

/** @param {Curve} curve */
function curveParts(curve) {
  const { parameter, points, area } = curve
  const tuning = /** @type {import('../data.js').Tuning} */ (index.tuning)
  const now = points.find(({ isNow }) => isNow)
  const said = `Alerts a day by ${parameter}, from ${timeText(tuning.from)} to ${timeText(tuning.to)} UTC; now ${now && valueText(now)}. One parameter is changed at a time.`
  const holder = el('div', {
    class: 'chart',
    role: 'img',
    'aria-label': `${said} The table has the numbers.`,
  })
  const at = (/** @type {boolean} */ marked) =>
    points.map(({ isNow, perDay }) => (isNow === marked ? perDay : null))
  const data = [
    points.map((_, place) => place),
    points.map(({ perDay }) => perDay),
    at(true),
    ...(tuning.labelled
      ? [points.map(({ recall }) => recall ?? null), points.map(({ precision }) => precision ?? null)]
      : []),
  ]
  draw(holder, CURVE_HEIGHT, (width) => curveOptions(width, points, tuning.labelled), data)
  const areaText = area === undefined ? '' : ` Area under the precision-recall curve: ${area.toFixed(2)}.`
  return [
    el('p', { class: 'quiet small' }, said + areaText),
    holder,
    curveLegend(tuning.labelled),
    curveTable(curve, tuning.labelled),
  ]
}

/** @param {number} width @param {readonly CurvePoint[]} points @param {boolean} labelled */
function curveOptions(width, points, labelled) {
  const [value, amount] = axes()
  const places = points.map((_, place) => place)
  const texts = () => points.map(valueText)
  const right = { ...amount, scale: 'share', side: 1, grid: { show: false } }
  return {
    width,
    height: CURVE_HEIGHT,
    legend: { show: false },
    axes: [{ ...value, splits: () => places, values: texts }, amount, ...(labelled ? [right] : [])],
    padding: [12, labelled ? 0 : 26, 0, 0],
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [-0.3, points.length - 0.7] },
      y: {
        range: (/** @type {unknown} */ _, /** @type {number} */ _low, /** @type {number} */ high) => [
          0,
          Math.max(0.1, high * 1.15),
        ],
      },
      share: { range: () => [0, 1.05] },
    },
    series: [{}, ...curveSeries(labelled)],
  }
}

/** @param {boolean} labelled */
function curveSeries(labelled) {
  const dots = (/** @type {string} */ name, size = 7) => ({ show: true, size, fill: colour(name) })
  const quality = (/** @type {string} */ name, /** @type {number[]} */ dash) => ({
    scale: 'share',
    stroke: colour(name),
    width: 2,
    dash,
    spanGaps: true,
    points: dots(name, 5),
  })
  return [
    { stroke: colour('accent'), width: 2, points: dots('accent') },
    { stroke: colour('high'), width: 0, paths: () => null, points: dots('high', 12) },
    ...(labelled ? [quality('group-1', [6, 3]), quality('limit', [2, 3])] : []),
  ]
}

/** @param {boolean} labelled */
function curveLegend(labelled) {
  const quality = /** @type {[string, string][]} */ ([
    ['recall', 'recall, right'],
    ['limit', 'precision, right'],
  ])
  return swatches([
    ['accent', 'alerts a day, left'],
    ['high', 'the present value'],
    ...(labelled ? quality : []),
  ])
}

/** @param {Curve} curve @param {boolean} labelled */
function curveTable({ parameter, points }, labelled) {
  const headings = ['Value', 'Alerts a day', 'Alerts', ...(labelled ? ['Recall', 'Precision'] : [])]
  const share = (/** @type {number | undefined} */ one) => (one === undefined ? '–' : one.toFixed(2))
  const rows = points.map((point) =>
    tableRow(
      el('span', {}, valueText(point), markOf(point)),
      point.perDay.toFixed(2),
      numberText(point.alerts),
      ...(labelled ? [share(point.recall), share(point.precision)] : []),
    ),
  )
  return table(headings, rows, `What values of ${parameter} raise`)
}

/** @param {CurvePoint} point */
function markOf({ isNow, isProposed }) {
  if (!isNow && !isProposed) return undefined
  return el('span', { class: `badge ${isNow ? 'high' : 'low'}` }, isNow ? 'now' : 'proposed')
}

/** For the first page: what is proposed, and where the curves are. */
function proposals() {
  if (!index.tuning) return undefined
  const rows = index.tuning.detections.flatMap(({ detection, perDay, curves }) =>
    curves.flatMap(({ parameter, points }) =>
      points
        .filter(({ isProposed }) => isProposed)
        .map((then) => {
          const place = index.detections.findIndex(({ id }) => id === detection)
          const now = points.find(({ isNow }) => isNow) ?? then
          return tableRow(
            detectionLink(place),
            `${parameter} ${valueText(then)} instead of ${valueText(now)}`,
            perDay.toFixed(2),
            then.perDay.toFixed(2),
          )
        }),
    ),
  )
  const said = el(
    'p',
    { class: 'quiet small' },
    'Other values of every parameter were tried: the page of a detection shows what each would have raised.',
  )
  const headings = ['Detection', 'Proposed', 'Alerts a day now', 'Alerts a day then']
  return section(
    'Thresholds',
    said,
    rows.length === 0 ? el('p', {}, 'Nothing is proposed.') : table(headings, rows, 'Proposed values'),
  )
}
