// CPU profiles as V8 writes them, read as stacks.

export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

export interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface Stack {
  /** The outermost call first. */
  readonly frames: readonly CallFrame[];
  readonly micros: number;
}

const hotPath = /src\/(http\/front|core\/deliveries\/push)\.ts/;

/** The stacks at work, each with its time; idle time and all before the first request of a hot path are left out. */
export function readStacks({ nodes, samples, timeDeltas }: Profile): Stack[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const toFrames = (id: number): CallFrame[] => {
    const frames: CallFrame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (frame !== undefined) frames.unshift(frame);
    }
    return frames;
  };
  const hot = new Set(nodes.filter(({ callFrame }) => hotPath.test(callFrame.url)).map(({ id }) => id));
  const start = samples.findIndex((id) => hot.has(id));
  const micros = new Map<number, number>();
  samples.forEach((id, index) => {
    if (index >= start) micros.set(id, (micros.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  });
  return [...micros]
    .map(([id, time]) => ({ frames: toFrames(id), micros: time }))
    .filter(({ frames }) => frames.at(-1)?.functionName !== '(idle)');
}
