/**
 * Does so many pieces of work at a time, in their order, and gives back what came of them in the same order. After the
 * first error no further piece is begun, and those under way are waited for.
 * @throws what the first piece that failed threw
 */
export async function pooled<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length)
  const errors: unknown[] = []
  let next = 0
  const worker = async () => {
    while (next < items.length && errors.length === 0) {
      const at = next++
      try {
        results[at] = await work(items[at]!)
      } catch (error) {
        errors.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: most }, worker))
  if (errors.length > 0) throw errors[0]
  return results
}
