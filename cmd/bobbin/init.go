package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"bobbin/internal/config"
)

func newInitCommand(e *env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make the data directory and an annotated bobbin.toml",
		Long: `Make the data directory, and in it a bobbin.toml that explains every key and
changes nothing. What is there already stays as it is, so running it twice does
no harm. Other commands make the directory by themselves when they need it.` + exitHelp(""),
		Example: "  bobbin init\n  bobbin init --dir /srv/bobbin",
		Args:    wantArgs(0, 0),
		RunE:    func(cmd *cobra.Command, args []string) error { return runInit(e, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an object: dir, config, made")
	return cmd
}

func runInit(e *env, asJSON bool) error {
	d, made, err := makeDataDir(e)
	if err != nil {
		return err
	}
	file := filepath.Join(d.path, config.FileName)
	if asJSON {
		p := newPrinter(e)
		p.object(struct {
			Dir    string `json:"dir"`
			Config string `json:"config"`
			Made   bool   `json:"made"`
		}{d.path, file, made})
		return p.flush()
	}
	what := "ready; settings are in"
	if !made {
		what = "is a data directory already; settings are in"
	}
	_, err = fmt.Fprintf(e.stdout, "%s %s %s\n", d.path, what, file)
	return err
}
