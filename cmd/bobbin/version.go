package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersionCommand(e *env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of Bobbin, Go, git and the index's schema",
		Long: `Print the version of Bobbin, the Go it was built with, the git it finds, and the
schema of the index it writes. An index of an older schema is rebuilt, one of a
newer schema is refused.` + exitHelp(""),
		Example: "  bobbin version\n  bobbin version --json",
		Args:    wantArgs(0, 0),
		RunE:    func(cmd *cobra.Command, args []string) error { return runVersion(cmd.Context(), e, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an object: bobbin, go, git, schema")
	return cmd
}

func runVersion(ctx context.Context, e *env, asJSON bool) error {
	git, err := gitVersion(ctx)
	if err != nil {
		git = "none: " + errorLine(err)
	}
	p := newPrinter(e)
	if asJSON {
		p.object(struct {
			Bobbin string `json:"bobbin"`
			Go     string `json:"go"`
			Git    string `json:"git"`
			Schema int    `json:"schema"`
		}{programVersion(), runtime.Version(), git, schemaVersion})
		return p.flush()
	}
	fmt.Fprintf(p.w, "bobbin %s\n%s %s/%s\ngit %s\nschema %d\n",
		programVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH, git, schemaVersion)
	return p.flush()
}

// programVersion is the module's version, and the commit when it was built from a
// checkout.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	if version == "" || version == "(devel)" {
		version = "devel"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				version += "-" + s.Value[:12]
			}
		}
	}
	return version
}
