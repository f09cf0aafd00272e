using Engine.Cli;

return CommandLine.Run(args, Host.Console());
