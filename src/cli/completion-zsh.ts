import { type Level, quote, stepsOf, valuesOf } from './completion-level.ts';

/** A completion script for zsh: to be evaluated behind compinit, or kept as a file \`_muster\` in fpath. */
export function scriptForZsh(levels: Level[]): string {
  const { chosen, files, free } = valuesOf(levels);
  const any = (places: { place: string }[]) => places.map(({ place }) => quote(place)).join('|');
  return `#compdef muster
_muster() {
  local -a commands options choices
  local level= i takes_files=
  for ((i = 2; i < CURRENT; i++)); do
    case "$level \${words[i]}" in
      (${stepsOf(levels).map(quote).join('|')}) level="\${level:+$level }\${words[i]}" ;;
    esac
  done
  case "$level \${words[CURRENT - 1]}" in
${chosen.map(({ place, choices }) => `    (${quote(place)}) compadd -- ${choices.map(quote).join(' ')}; return ;;`).join('\n')}
    (${any(files)}) _files; return ;;
    (${any(free)}) _message value; return ;;
  esac
  case "$level" in
${levels.map((level) => `    (${quote(level.path.join(' '))})\n${arraysOf(level)} ;;`).join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* || ( -z $commands && -z $choices && -z $takes_files ) ]]; then
    _describe -o option options
    return
  fi
  [[ -n $commands ]] && _describe command commands
  [[ -n $choices ]] && compadd -a choices
  [[ -n $takes_files ]] && _files
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then _muster "$@"; else compdef _muster muster; fi`;
}

function arraysOf({ commands, options, choices, takesFiles }: Level): string {
  const described = (name: string, about: string) => `        ${quote(`${name}:${about}`)}`;
  return [
    ...(commands.length > 0
      ? ['      commands=(', ...commands.map(({ name, about }) => described(name, about)), '      )']
      : []),
    '      options=(',
    ...options.map(({ flag, about }) => described(flag, about)),
    '      )',
    ...(choices.length > 0 ? [`      choices=(${choices.map(quote).join(' ')})`] : []),
    ...(takesFiles ? ['      takes_files=yes'] : []),
  ].join('\n');
}
