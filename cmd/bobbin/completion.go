package main

import (
	"github.com/spf13/cobra"

	"bobbin/internal/errs"
)

func newCompletionCommand(e *env) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes bobbin's commands in a shell",
		Long: `Print a script for a shell. Sourced, it completes commands, flags and the names
of inboxes.

  bash        source <(bobbin completion bash)
  zsh         bobbin completion zsh > "${fpath[1]}/_bobbin"
  fish        bobbin completion fish > ~/.config/fish/completions/bobbin.fish
  powershell  bobbin completion powershell | Out-String | Invoke-Expression` + exitHelp(""),
		Example:   "  source <(bobbin completion bash)",
		Args:      wantArgs(1, 1),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch root := cmd.Root(); args[0] {
			case "bash":
				return root.GenBashCompletionV2(e.stdout, true)
			case "zsh":
				return root.GenZshCompletion(e.stdout)
			case "fish":
				return root.GenFishCompletion(e.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(e.stdout)
			}
			return errs.WithHint(errs.Invalid, "bash, zsh, fish or powershell", "completion: unknown shell %q", args[0])
		},
	}
}
