import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Answer } from './client.js'
import type { Kept } from './slices.js'

const answerSchema = z.object({ columns: z.array(z.string()), rows: z.array(z.array(z.unknown())) })

/**
 * The answers of a long job on disk, a file each, so that it can be broken off and taken up again. A file is named by
 * the hash of the workspace and the query, which says all of what the answer depends on: other detections, agents or
 * times are other queries. Written beside and renamed; one that is damaged is as good as none.
 */
export class Journal implements Kept {
  readonly #folder: string
  readonly #workspace: string
  /** How many answers were found. */
  found = 0

  constructor(folder: string, workspace: string) {
    this.#folder = folder
    this.#workspace = workspace
  }

  get(query: string): Answer | undefined {
    const answer = read(this.#fileOf(query))
    if (answer) this.found++
    return answer
  }

  async put(query: string, answer: Answer): Promise<void> {
    mkdirSync(this.#folder, { recursive: true })
    const file = this.#fileOf(query)
    const body = JSON.stringify(answer)
    const handle = await open(`${file}.new`, 'w')
    try {
      await handle.writeFile(`${sha256(body)}\n${body}`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    renameSync(`${file}.new`, file)
  }

  /** Removes all answers: they are of no more use. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #fileOf(query: string): string {
    return join(this.#folder, `${sha256(`${this.#workspace}\n${query}`).slice(0, 32)}.json`)
  }
}

function read(file: string): Answer | undefined {
  try {
    const text = readFileSync(file, 'utf8')
    const [sum, body] = [text.slice(0, 64), text.slice(65)]
    return sum === sha256(body) ? answerSchema.parse(JSON.parse(body)) : undefined
  } catch {
    return undefined
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
