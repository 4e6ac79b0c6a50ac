import { type Level, quote, stepsOf, valuesOf } from './completion-level.ts';

/** A completion script for bash, 3.2 and later. */
export function scriptForBash(levels: Level[]): string {
  const { chosen, files, free } = valuesOf(levels);
  const any = (places: { place: string }[]) => places.map(({ place }) => quote(place)).join(' | ');
  return `# bash completion for muster
_muster() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} level= words= i
  # Bash takes --option=value apart.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$level \${COMP_WORDS[i]}" in
      ${stepsOf(levels).map(quote).join(' | ')}) level="\${level:+$level }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$level $prev" in
${chosen.map(({ place, choices }) => `    ${quote(place)}) COMPREPLY=($(compgen -W ${quote(choices.join(' '))} -- "$cur")); return ;;`).join('\n')}
    ${any(files)}) compopt -o default; return ;;
    ${any(free)}) return ;;
  esac
  case "$level" in
${levels.map((level) => `    ${quote(level.path.join(' '))}) ${choiceOf(level)} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _muster muster`;
}

function choiceOf({ commands, options, choices, takesFiles }: Level): string {
  const words = [...commands.map(({ name }) => name), ...choices];
  const flags = options.map(({ flag }) => flag);
  // Options are shown when they are asked for, or when there is nothing else.
  if (takesFiles) return `[[ $cur == -* ]] && words=${quote(flags.join(' '))} || compopt -o default`;
  if (words.length === 0) return `words=${quote(flags.join(' '))}`;
  return `[[ $cur == -* ]] && words=${quote(flags.join(' '))} || words=${quote(words.join(' '))}`;
}
