# layout.sh: the contents of a package and their places. Sourced by make_deb.sh and make_tar.sh.
# shellcheck shell=bash

# as_released EPOCH ROOT: sets the time of all files below ROOT to that of the release.
as_released() {
  find "$2" -exec touch --no-dereference --date="@$1" {} +
}

# put_together SCRIPT: prints it, with each line `# include FILE` replaced by that file of this
# folder.
put_together() {
  local line
  while IFS= read -r line; do
    case $line in
      # Without its first line, which is for shellcheck.
      '# include '*) tail -n +2 "$(dirname "${BASH_SOURCE[0]}")/${line#"# include "}" || return 1 ;;
      *) printf '%s\n' "$line" ;;
    esac
  done <"$1"
}

# lay_out ROOT FILE...: puts each FILE at its place below ROOT, which its name determines.
lay_out() {
  local root=$1 file name to
  shift
  for file; do
    name=$(basename "$file")
    case $name in
      cpuagg) install -D -m 0755 "$file" "$root/usr/bin/cpuagg" ;;
      *.service | *.timer) install -D -m 0644 "$file" "$root/usr/lib/systemd/system/$name" ;;
      cpuagg.sysusers) install -D -m 0644 "$file" "$root/usr/lib/sysusers.d/cpuagg.conf" ;;
      cpuagg.tmpfiles) install -D -m 0644 "$file" "$root/usr/lib/tmpfiles.d/cpuagg.conf" ;;
      *.[15])
        to=$root/usr/share/man/man${name##*.}/$name.gz
        mkdir -p "$(dirname "$to")"
        gzip -9n <"$file" >"$to"
        ;;
      # The conffile, which setup edits, is the same in all versions: otherwise dpkg would ask at
      # each upgrade.
      settings.env) install -D -m 0640 "$file" "$root/etc/cpuagg/cpuagg.env" ;;
      *.proto | *.rules.yml) install -D -m 0644 "$file" "$root/usr/share/cpuagg/$name" ;;
      cpuagg.json) install -D -m 0644 "$file" "$root/usr/share/cpuagg/grafana.json" ;;
      cpuagg.env) install -D -m 0644 "$file" "$root/usr/share/cpuagg/cpuagg.env" ;;
      cpuagg.bash) install -D -m 0644 "$file" "$root/usr/share/bash-completion/completions/cpuagg" ;;
      _cpuagg) install -D -m 0644 "$file" "$root/usr/share/zsh/vendor-completions/_cpuagg" ;;
      cpuagg.fish) install -D -m 0644 "$file" "$root/usr/share/fish/vendor_completions.d/cpuagg.fish" ;;
      *.conf) install -D -m 0644 "$file" "$root/usr/share/doc/cpuagg/examples/$name" ;;
      copyright) install -D -m 0644 "$file" "$root/usr/share/doc/cpuagg/$name" ;;
      CHANGELOG.md)
        mkdir -p "$root/usr/share/doc/cpuagg"
        gzip -9n <"$file" >"$root/usr/share/doc/cpuagg/CHANGELOG.md.gz"
        ;;
      *.md) install -D -m 0644 "$file" "$root/usr/share/doc/cpuagg/$name" ;;
      *)
        echo "packaging/layout.sh: does not know where $name belongs" >&2
        return 1
        ;;
    esac
  done
}
