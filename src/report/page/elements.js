/**
 * Makes an element. Attributes are set by name, functions listen; children that are texts become text and never
 * markup.
 *
 * @param {string} tag
 * @param {Record<string, string | number | boolean | undefined | ((event: any) => void)>} [attributes]
 * @param {...(Node | string | undefined)} children
 * @returns {HTMLElement}
 */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value)
    else if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** A heading with what belongs to it. @param {string} title @param {...(Node | undefined)} content */
function section(title, ...content) {
  const id = `section-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`
  return el('section', { 'aria-labelledby': id, class: 'card' }, el('h2', { id }, title), ...content)
}

/** @param {string[]} headings @param {Node[]} rows @param {string} caption */
function table(headings, rows, caption) {
  const head = el('tr', {}, ...headings.map((heading) => el('th', { scope: 'col' }, heading)))
  const caption_ = el('caption', { class: 'unseen' }, caption)
  const inner = el('table', {}, caption_, el('thead', {}, head), el('tbody', {}, ...rows))
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption }, inner)
}

/** @param {...(Node | string | undefined)} cells */
const tableRow = (...cells) => el('tr', {}, ...cells.map((cell) => el('td', {}, cell)))

/** @param {number} severity */
function severityBadge(severity) {
  const name = SEVERITIES[severity] ?? 'unknown'
  return el('span', { class: `badge ${name}` }, name)
}

/** @param {number} place */
function agentLink(place) {
  if (!index.agents[place]) return el('span', {}, agentName(place))
  return el('a', { href: withFilter(`#/agent/${place}`), title: index.agents[place][1] }, agentName(place))
}

/** A bar whose parts are shares of a whole. @param {{ share: number, class: string }[]} parts */
function bar(parts) {
  const element = el('span', { class: 'bar', 'aria-hidden': 'true' })
  for (const { share, class: name } of parts) {
    const part = el('span', { class: name })
    part.style.width = `${Math.min(100, 100 * share)}%`
    element.append(part)
  }
  return element
}

/** A choice with a label. @param {string} label @param {[value: string, text: string][]} options @param {string} value @param {(value: string) => void} chosen */
function choice(label, options, value, chosen) {
  const id = `choice-${label.toLowerCase().replaceAll(' ', '-')}`
  const choices = options.map(([one, text]) => el('option', { value: one, selected: one === value }, text))
  const select = el('select', { id, change: (event) => chosen(event.target.value) }, ...choices)
  return el('div', { class: 'field' }, el('label', { for: id }, label), select)
}

/** @param {string} name the name of a colour in the styles */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
