import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { packagePath } from '../../../src/package-root.js'

const VERSION = '4.2.2'
const OLDEST_JAVA = 17
const ATTEMPTS = 3

/** Where the jars come from: Maven Central, or the mirror that `MAVEN_REPOSITORY` names. */
const repository = process.env.MAVEN_REPOSITORY ?? 'https://repo1.maven.org/maven2'

const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache')
const folder = path.join(cache, 'agentwarden', `kafka-${VERSION}`)

/** What a broker is started with. */
export interface KafkaRuntime {
  readonly java: string
  readonly classpath: string
}

/** A program of the Java installation, such as `java` or `keytool`. */
export function javaProgram(name: string): string {
  const home = process.env.JAVA_HOME
  return home ? path.join(home, 'bin', name) : name
}

async function checkJava(): Promise<string> {
  const java = javaProgram('java')
  const { stderr } = await promisify(execFile)(java, ['-version'])
  const major = Number(/version "(\d+)/.exec(stderr)?.[1])
  if (!(major >= OLDEST_JAVA)) throw new Error(`Java ${OLDEST_JAVA} or later is needed`)
  return java
}

async function download(url: string, sha256: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) })
  if (!response.ok) throw new Error(`${url}: ${response.status}`)
  const jar = Buffer.from(await response.arrayBuffer())
  const actual = createHash('sha256').update(jar).digest('hex')
  if (actual !== sha256) throw new Error(`${url} is not what it was: its SHA-256 is ${actual}`)
  return jar
}

async function downloadPatiently(url: string, sha256: string, attempts = ATTEMPTS): Promise<Buffer> {
  try {
    return await download(url, sha256)
  } catch (error) {
    if (attempts === 1) throw error
    return downloadPatiently(url, sha256, attempts - 1)
  }
}

/** Brings one jar into the cache; what lies there was checked when it came. */
async function obtain(line: string): Promise<void> {
  const [sha256, name] = line.split('  ') as [string, string]
  const file = path.join(folder, path.basename(name))
  if (existsSync(file)) return
  const part = `${file}.${process.pid}`
  await writeFile(part, await downloadPatiently(`${repository}/${name}`, sha256))
  await rename(part, file)
}

/**
 * Apache Kafka, ready to be started: `jars.sha256` lists its jars, which are downloaded once (29 MB) into the user's
 * cache. @throws Error where Java or the jars can't be had
 */
export async function kafkaRuntime(): Promise<KafkaRuntime> {
  const java = await checkJava()
  const list = await readFile(packagePath('test', 'support', 'kafka', 'jars.sha256'), 'utf8')
  await mkdir(folder, { recursive: true })
  await Promise.all(list.trimEnd().split('\n').map(obtain))
  return { java, classpath: path.join(folder, '*') }
}

/** Says whether no broker can be started here; if so, says loudly what is not tested. In CI that is a failure. */
export async function kafkaMissing(tests: string): Promise<boolean> {
  try {
    await kafkaRuntime()
    return false
  } catch (error) {
    if (process.env.CI) throw error
    console.warn(`SKIPPED: ${tests}, as there is no Kafka: ${(error as Error).message}`)
    return true
  }
}
