package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bobbin/internal/errs"
)

// run executes the command that args name and gives its exit status.
func run(ctx context.Context, e *env, args []string) int {
	root := newRootCommand(e)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	e.report(err)
	return exitCode(err)
}

func newRootCommand(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:   "bobbin",
		Short: "Keep, index, search and serve public mailing-list archives",
		Long: `Bobbin keeps public, git-backed archives of mailing lists in public-inbox's v2
format, indexes them in seconds, and serves them to people and scripts.

  bobbin demo                        look around, nothing to set up
  bobbin import NAME list.bundle     bring an archive in
  bobbin serve                       read it at http://127.0.0.1:8025/

All data is in one directory: --dir, else $BOBBIN_DIR, else
$XDG_DATA_HOME/bobbin, else ~/.local/share/bobbin.` + exitHelp(""),
		Version:            programVersion(),
		SilenceErrors:      true,
		SilenceUsage:       true,
		DisableSuggestions: true, // ours fit on a line
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SetVersionTemplate("bobbin {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return errs.WithHint(errs.Invalid, cmd.CommandPath()+" --help lists the flags", "%s: %s", cmd.Name(), err)
	})
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().StringVar(&e.dir, "dir", "", "data `directory` (default $BOBBIN_DIR, else ~/.local/share/bobbin)")
	root.PersistentFlags().BoolVarP(&e.quiet, "quiet", "q", false, "no progress and no notes on standard error")
	root.AddCommand(
		newInitCommand(e), newImportCommand(e), newAddCommand(e), newIndexCommand(e), newServeCommand(e),
		newSearchCommand(e), newShowCommand(e), newThreadCommand(e), newListCommand(e),
		newCheckCommand(e), newVersionCommand(e), newDemoCommand(e), newCompletionCommand(e),
	)
	root.InitDefaultHelpCmd()
	return root
}

// unknownCommand is the error for a verb that does not exist.
func unknownCommand(root *cobra.Command, verb string) error {
	hint := "bobbin --help lists the commands"
	root.DisableSuggestions = false
	root.SuggestionsMinimumDistance = 2
	if near := root.SuggestionsFor(verb); len(near) > 0 {
		hint = fmt.Sprintf("did you mean %s?", strings.Join(near, " or "))
	}
	return errs.WithHint(errs.Invalid, hint, "unknown command %q", verb)
}

// wantArgs accepts between lo and hi arguments; hi < 0 is no limit.
func wantArgs(lo, hi int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < lo:
			return errs.WithHint(errs.Invalid, "usage: "+cmd.UseLine(), "%s: an argument is missing", cmd.Name())
		case hi >= 0 && len(args) > hi:
			return errs.WithHint(errs.Invalid, "usage: "+cmd.UseLine(), "%s: unexpected argument %q", cmd.Name(), args[hi])
		}
		return nil
	}
}

// onlyOne accepts at most one of some flags. cobra has such a check, whose errors are
// neither short nor of a kind.
func onlyOne(cmd *cobra.Command, flags ...string) error {
	first := ""
	for _, name := range flags {
		switch {
		case !cmd.Flags().Changed(name):
		case first != "":
			return errs.New(errs.Invalid, "%s: --%s and --%s exclude each other", cmd.Name(), first, name)
		default:
			first = name
		}
	}
	return nil
}

// completeInbox completes the name of an inbox as argument number n (from 0); n < 0
// completes every argument.
func completeInbox(e *env, n int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
		if n >= 0 && len(args) > n {
			return nil, cobra.ShellCompDirectiveDefault
		}
		d, err := openDataDir(e)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for _, ib := range d.inboxes {
			if !slices.Contains(args, ib.Name) {
				names = append(names, ib.Name)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
