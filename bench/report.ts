/** One line of the result: what was measured, what it should be, and whether it is. */
export interface Line {
  readonly name: string
  readonly measured: string
  readonly target?: string
  readonly holds?: boolean
}

/** A ratio that should be at least `least`. */
export function atLeast(name: string, ratio: number, least: number): Line {
  return { name, measured: ratio.toFixed(2), target: `>= ${least}`, holds: ratio >= least }
}

/** A value in some unit that should be at most `most`. */
export function atMost(name: string, value: number, most: number, unit = '', digits = 2): Line {
  const measured = `${value.toFixed(digits)}${unit}`
  return { name, measured, target: `<= ${most}${unit}`, holds: value <= most }
}

/** A figure without a target. */
export function figure(name: string, measured: string): Line {
  return { name, measured }
}

/** A line of the table. */
export function lineText({ name, measured, target = '', holds }: Line): string {
  const verdict = holds === undefined ? '' : holds ? 'PASS' : 'FALLS SHORT'
  return `  ${name.padEnd(56)} ${measured.padStart(12)}  ${target.padEnd(10)} ${verdict}`.trimEnd()
}
