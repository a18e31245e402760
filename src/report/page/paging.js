/**
 * A long list, a page at a time: says which part is shown of how many, so that nothing is out of sight unsaid.
 *
 * @param {string} noun
 * @param {number} count
 * @param {number} size
 * @param {(from: number, to: number) => Node | Promise<Node>} draw
 */
function paged(noun, count, size, draw) {
  let [from, turn] = [0, 0]
  const last = Math.max(0, Math.ceil(count / size) - 1) * size
  const said = el('span', { role: 'status' })
  const content = el('div')
  /** @param {string} text @param {() => number} target */
  const button = (text, target) =>
    el(
      'button',
      { type: 'button', 'aria-label': `${text} page of ${noun}s`, click: () => go(target()) },
      text,
    )
  const back = [button('First', () => 0), button('Previous', () => from - size)]
  const forth = [button('Next', () => from + size), button('Last', () => last)]
  /** @param {number} target */
  async function go(target) {
    from = Math.max(0, Math.min(last, target))
    const to = Math.min(count, from + size)
    said.textContent =
      count === 0 ? `No ${noun}s` : `${numberText(from + 1)}–${numberText(to)} of ${countText(count, noun)}`
    for (const one of back) /** @type {HTMLButtonElement} */ (one).disabled = from === 0
    for (const one of forth) /** @type {HTMLButtonElement} */ (one).disabled = from === last
    const own = ++turn
    const drawn = count === 0 ? [] : [await draw(from, to)]
    if (own === turn) content.replaceChildren(...drawn)
  }
  go(0)
  const pager = el('div', { class: 'pager' }, said, ...(count > size ? [...back, ...forth] : []))
  return el('div', {}, pager, content)
}
