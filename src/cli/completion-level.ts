/** What can be typed behind some words: behind `muster contacts list`, say. */
export interface Level {
  /** The words, without `muster`. */
  path: string[];
  commands: { name: string; about: string }[];
  options: LevelOption[];
  /** What may stand here, where that is few. */
  choices: readonly string[];
  /** Whether a file may stand here. */
  takesFiles: boolean;
}

export interface LevelOption {
  flag: string;
  about: string;
  takesValue: boolean;
  /** The values there are, where they are few. */
  choices: readonly string[];
  /** Whether its value is a file. */
  takesFile: boolean;
}

/** A text as one word of a shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The steps from a level to the next one, as `contacts list`, or ` contacts` at the top. */
export function stepsOf(levels: Level[]): string[] {
  return levels.flatMap(({ path, commands }) => commands.map(({ name }) => `${path.join(' ')} ${name}`));
}

/** Options that take a value, each behind its level, as `contacts list --limit`: by what its value is. */
export function valuesOf(levels: Level[]) {
  const all = levels.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map((option) => ({ ...option, place: `${path.join(' ')} ${option.flag}` })),
  );
  return {
    chosen: all.filter(({ choices }) => choices.length > 0),
    files: all.filter(({ takesFile }) => takesFile),
    free: all.filter(({ choices, takesFile }) => choices.length === 0 && !takesFile),
  };
}
