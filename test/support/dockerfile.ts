/** One instruction of a Dockerfile: `RUN`, and what follows it. */
export interface Instruction {
  readonly name: string
  readonly text: string
}

/** One `FROM` and what follows it. */
export interface Stage {
  readonly image: string
  readonly name: string | undefined
  readonly instructions: readonly Instruction[]
}

/** Reads a Dockerfile as far as ours goes: one instruction a line. */
export function readDockerfile(text: string): Stage[] {
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = []
  for (const line of text.split('\n')) {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    if (name === 'FROM') {
      const [, image, as] = /^(\S+)(?: AS (\S+))?$/.exec(rest!)!
      stages.push({ image: image!, name: as, instructions: [] })
    } else if (name !== undefined) stages.at(-1)!.instructions.push({ name, text: rest! })
  }
  return stages
}

/** The last instruction of a name, of a stage; its words where it is a list in JSON. */
export function lastOf(stage: Stage, name: string): string[] {
  const text = stage.instructions.findLast((one) => one.name === name)?.text ?? ''
  return text.startsWith('[') ? (JSON.parse(text) as string[]) : [text]
}
