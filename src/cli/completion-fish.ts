import { type Level, stepsOf } from './completion-level.ts';

/** A completion script for fish. */
export function scriptForFish(levels: Level[]): string {
  return `# fish completion for muster
function __muster_at
    set -l level
    for word in (commandline -opc)[2..]
        if contains -- "$level $word" ${stepsOf(levels).map(quote).join(' ')}
            set level (string trim -- "$level $word")
        end
    end
    test "$level" = "$argv[1]"
end
complete -c muster -e
complete -c muster -f
${levels.flatMap(linesOf).join('\n')}`;
}

function linesOf({ path, commands, options, choices, takesFiles }: Level): string[] {
  const here = `complete -c muster -n ${quote(`__muster_at ${quote(path.join(' '))}`)}`;
  return [
    ...commands.map(({ name, about }) => `${here} -a ${name} -d ${quote(about)}`),
    ...(choices.length > 0 ? [`${here} -a ${quote(choices.join(' '))}`] : []),
    ...(takesFiles ? [`${here} -F`] : []),
    ...options.map(({ flag, about, takesValue, choices: values, takesFile }) => {
      const value = !takesValue
        ? ''
        : values.length > 0
          ? ` -x -a ${quote(values.join(' '))}`
          : takesFile
            ? ' -r -F'
            : ' -x';
      return `${here} -l ${flag.slice(2)}${value} -d ${quote(about)}`;
    }),
  ];
}

/** A text as one word of fish, which knows escapes inside its quotes. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
