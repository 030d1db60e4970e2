# fish completion for cpuagg. Commands, flags and their values come from the program's own help, so
# they match the installed version.

if command -q cpuagg
    complete -c cpuagg -f
    complete -c cpuagg -n __fish_use_subcommand -l help -d 'print the help'
    complete -c cpuagg -n __fish_use_subcommand -l version -d 'print the version'
    for command in (cpuagg --help 2>/dev/null | string match -r '^  [a-z]+  +.*')
        set -l name (string match -r '[a-z]+' -- $command)
        set -l about (string replace -r '^  [a-z]+ +' '' -- $command)
        complete -c cpuagg -n __fish_use_subcommand -a $name -d "$about"

        set -l given "__fish_seen_subcommand_from $name"
        set -l help (cpuagg $name --help 2>/dev/null)
        if string match -q '*[FILE*' -- $help
            complete -c cpuagg -n $given -F
        end
        for line in $help
            set -l part (string match -r '^  ((?:-[a-zA-Z])?),?((?:--[a-z0-9-]+)?)((?: [A-Z]+)?) +(.*)$' -- $line)
            or continue
            set -l flag
            test -n "$part[2]"; and set -a flag -s (string sub -s 2 -- $part[2])
            test -n "$part[3]"; and set -a flag -l (string sub -s 3 -- $part[3])
            test -n "$flag"; or continue
            set -l values
            switch "$part[3]$part[4]"
                case '--period *'
                    set values -x -a 'today yesterday this-week last-week this-month last-month this-year last-year this-hour last-hour all since-last'
                case '--format *'
                    set values -x -a 'table csv tsv json jsonl markdown html'
                    test $name = records; and set values -x -a 'table csv tsv json jsonl markdown proto'
                    test $name = export; and set values -x -a 'prometheus jsonl csv'
                case '--sort *'
                    set values -x -a 'cpu user-time system-time processes elapsed largest mean memory major-faults change name uid time'
                    test $name = records; and set values -x -a 'cpu user-time system-time elapsed memory time'
                case '--color *'
                    set values -x -a 'auto always never'
                case '--columns *'
                    set values -x -a '(__fish_append , user uid group gid department command tty signal host hour day week month cpu_seconds share change previous_cpu_seconds user_seconds system_seconds processes mean_cpu_seconds largest_cpu_seconds running_cpu_seconds elapsed_seconds memory_kib largest_memory_kib minor_faults major_faults io)'
                    test $name = records; and set values -x -a '(__fish_append , file offset version byte_order begin end uid user gid group pid ppid tty command cpu_seconds user_seconds system_seconds elapsed_seconds memory_kib io blocks minor_faults major_faults swaps exit_status signal status flags)'
                case '--by *'
                    set values -x -a '(__fish_append , user command group department tty signal host hour day week month)'
                case '--user *' '--ignore-user *'
                    set values -x -a '(__fish_append , (__fish_complete_users | string replace -r "\t.*" ""))'
                case '* FILE'
                    set values -r -F
                case '* DIR'
                    set values -x -a '(__fish_complete_directories)'
                case '* *'
                    set values -x
            end
            complete -c cpuagg -n $given $flag $values -d "$part[5]"
        end
    end
end
